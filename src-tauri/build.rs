//! Makes the page and the permissions part of the program.

use std::path::Path;
use std::{fs, io};

/// Where the Tauri tools write the schemas of permission files, and where they belong.
const SCHEMAS: (&str, &str) = ("gen", "src-tauri/gen");

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=ui/dist");
    if !Path::new("ui/dist/index.html").exists() {
        println!("cargo:error=the page is not built: run `npm ci && npm run build` in ui/ (script/bootstrap does)");
    }
    let manifest = tauri_build::AppManifest::new().permissions_path_pattern("./src-tauri/permissions/**/*.toml");
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/**/*.json")
        .app_manifest(manifest);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:error={error:#}");
    }
    if let Err(error) = move_schemas() {
        println!("cargo:warning=the schemas stay in gen/: {error}");
    }
}

fn move_schemas() -> io::Result<()> {
    let (from, to) = (Path::new(SCHEMAS.0), Path::new(SCHEMAS.1));
    if !from.exists() {
        return Ok(());
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    fs::rename(from, to)
}
