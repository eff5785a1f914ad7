//! The command line of `rappel-hub`.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, anyhow};
use clap::{Args, Parser, Subcommand};
use rappel_core::Zone;
use rappel_core::person::Locale;
use tokio::net::TcpListener;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::control::{self, Reply, Request};
use crate::data_dir::{DATA_DIR_VARIABLE, default_data_dir};
use crate::hub::{Hub, HubConfig};
use crate::server::admission::ConnectionLimits;
use crate::status::{Counts, Status};
use crate::wire::TroubleItem;

#[path = "cli_succession.rs"]
mod succession;

/// The hub of Rappel without a desktop: events, reminders, and a server for browsers and programs.
#[derive(Debug, Parser)]
#[command(name = "rappel-hub", version, disable_help_subcommand = true)]
struct Cli {
    /// Where the data are [env: RAPPEL_DATA_DIR] [default: the platform's data directory]
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves until it is told to end
    Serve(Serve),
    /// People of the office
    #[command(subcommand)]
    Person(PersonCommand),
    /// Tokens of programs, and paired devices
    #[command(subcommand)]
    Token(TokenCommand),
    /// Prints a link and a short code: one person signs a browser in with them, or everybody asks to come in
    Invite {
        /// Their id, or a name that only one person has
        #[arg(required_unless_present = "everybody", conflicts_with = "everybody")]
        person: Option<String>,
        /// For all colleagues: whoever uses it says who they are, and an administrator lets them in
        #[arg(long)]
        everybody: bool,
    },
    /// Writes all data into one file
    Backup {
        /// The file; a backup that is there already is replaced
        file: PathBuf,
    },
    /// Puts a backup in the place of all data, which are kept beside them
    Restore {
        /// A file that `backup` wrote
        file: PathBuf,
    },
    /// HTTPS for browsers: says how it stands, or changes it
    SecureOffice {
        #[command(subcommand)]
        command: Option<SecureOfficeCommand>,
    },
    /// Lists the desktops that can keep a copy of everything, or chooses one: id, name, online or away, keeps or -,
    /// since when
    Keeper {
        /// The id of a device that is to keep a daily copy
        device: Option<String>,
        /// Nobody is to keep one
        #[arg(long, conflicts_with = "device")]
        none: bool,
    },
    /// Moves the hub to another computer that has joined, with everything
    Handover {
        /// The id of its device: see `keeper`
        #[arg(required_unless_present = "cancel")]
        device: Option<String>,
        /// Gives up a handover that is under way
        #[arg(long, conflicts_with = "device")]
        cancel: bool,
    },
    /// Joins an office as a computer that keeps its copy and can be its hub, and waits until it is
    StandBy(StandByArgs),
    /// Makes this computer the hub, with the copy that it keeps: for when the hub is gone
    Takeover,
    /// Says how the hub is
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Args)]
struct Serve {
    /// Where to listen; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:7710")]
    listen: SocketAddr,
    /// The office's language: fr or en
    #[arg(long, value_parser = parse_locale)]
    locale: Option<Locale>,
    /// The office's time zone
    #[arg(long, value_name = "IANA", value_parser = parse_zone)]
    time_zone: Option<Zone>,
    /// Pages of another origin that may call with a token
    #[arg(long, value_name = "ORIGIN", value_parser = parse_origin)]
    allow_origin: Vec<String>,
    /// A further name by which this hub is called
    #[arg(long, value_name = "NAME", value_parser = parse_host)]
    allow_host: Vec<String>,
    /// The most connections at once; 0 is no limit, also for those not yet signed in
    #[arg(long, value_name = "N", default_value_t = 200)]
    max_connections: usize,
    /// The most connections from one address; 0 is no limit
    #[arg(long, value_name = "N", default_value_t = 20)]
    max_connections_per_address: usize,
}

#[derive(Debug, Args)]
struct StandByArgs {
    /// The link of an invitation of an admin's, the first time
    #[arg(long)]
    link: Option<String>,
    /// What this computer is called
    #[arg(long, default_value = "stand-by", value_parser = parse_name)]
    name: String,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, Subcommand)]
enum PersonCommand {
    /// Adds somebody, and prints their id
    Add {
        /// As colleagues call them
        name: String,
        /// admin or member
        #[arg(long)]
        role: Option<String>,
        /// fr or en; if not the office's
        #[arg(long)]
        locale: Option<String>,
        /// If not the office's
        #[arg(long, value_name = "IANA")]
        time_zone: Option<String>,
        /// Where to write to them
        #[arg(long)]
        email: Option<String>,
    },
    /// Lists everybody: id, role, name
    List,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Makes a token, and prints it: it is not shown again
    Create {
        /// For whom: an id, or a name that only one person has
        person: String,
        /// What it is for
        #[arg(long, value_name = "TEXT")]
        label: String,
    },
    /// Lists tokens and paired devices: id, person id, person, label, last used
    List,
    /// Revokes one: its sessions end at once
    Revoke {
        /// Its id
        token_id: String,
    },
}

#[derive(Debug, Subcommand)]
enum SecureOfficeCommand {
    /// Browsers are served over HTTPS as well, by a certificate of the office's own authority
    On,
    /// As before: plain HTTP only
    Off,
    /// Whether other machines may use plain HTTP while the secure office is on
    PlainHttp {
        /// on or off
        #[arg(value_parser = parse_switch, action = clap::ArgAction::Set)]
        taken: bool,
    },
    /// Makes another authority, with the names that the hub has now: everybody has to install it anew
    Renew,
}

fn parse_switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("must be on or off".to_owned()),
    }
}

fn parse_locale(text: &str) -> Result<Locale, String> {
    Locale::parse(text).map_err(|invalid| invalid.reason)
}

fn parse_zone(text: &str) -> Result<Zone, String> {
    Zone::parse("time_zone", text).map_err(|invalid| invalid.reason)
}

/// An origin exactly as browsers send it: scheme, host, port if it is not the scheme's.
fn parse_origin(text: &str) -> Result<String, String> {
    let wrong = || "must be an origin such as https://crm.example".to_owned();
    let origin = text.trim_end_matches('/').to_ascii_lowercase();
    let rest = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://")).ok_or_else(wrong)?;
    let is_authority = rest.parse::<axum::http::uri::Authority>().is_ok() && !rest.contains('@');
    is_authority.then_some(origin.clone()).ok_or_else(wrong)
}

fn parse_name(text: &str) -> Result<String, String> {
    rappel_core::person::parse_name("name", text).map_err(|invalid| invalid.reason)
}

fn parse_host(text: &str) -> Result<String, String> {
    let is_name = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    is_name.then(|| text.to_owned()).ok_or_else(|| "must be a host name, without a port".to_owned())
}

/// Runs the command line of this process. Errors are one line on stderr.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => {
            complain(&usage_error(&error));
            return ExitCode::from(2);
        }
        Err(help) => {
            // A closed pipe is whoever asked for the help going away.
            let _ = help.print();
            return ExitCode::SUCCESS;
        }
    };
    let is_server = matches!(cli.command, Command::Serve(_) | Command::StandBy(_));
    match runtime(is_server).map_err(anyhow::Error::from).and_then(|runtime| runtime.block_on(run(cli))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// What is wrong, in one line: without the hints and the usage that follow after an empty one.
fn usage_error(error: &clap::Error) -> String {
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command is missing: --help lists them".to_owned();
    }
    let text = error.to_string();
    let what: Vec<&str> = text.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let what = what.join(" ");
    what.strip_prefix("error: ").map(str::to_owned).unwrap_or(what)
}

/// The data directory that is asked for, or the platform's. An empty variable counts as none.
fn wanted_data_dir(option: Option<PathBuf>) -> anyhow::Result<PathBuf> {
    let variable = || std::env::var_os(DATA_DIR_VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    option.or_else(variable).or_else(default_data_dir).context("there is no home directory: use --data-dir")
}

fn runtime(is_server: bool) -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = if is_server {
        tokio::runtime::Builder::new_multi_thread()
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    builder.enable_all().build()
}

fn complain(message: &str) {
    let message = message.replace('\n', " ");
    // Where there is no stderr, the exit code has to do.
    let _ = writeln!(std::io::stderr(), "rappel-hub: {message}");
}

/// Prints for programs and people alike; whoever closed the pipe has read enough.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    let data_dir = wanted_data_dir(cli.data_dir)?;
    let request = match cli.command {
        Command::Serve(serve) => return run_server(data_dir, serve).await,
        Command::Person(PersonCommand::Add { name, role, locale, time_zone, email }) => {
            Request::PersonAdd { name, role, locale, time_zone, email }
        }
        Command::Person(PersonCommand::List) => Request::PersonList,
        Command::Token(TokenCommand::Create { person, label }) => Request::TokenCreate { person, label },
        Command::Token(TokenCommand::List) => Request::TokenList,
        Command::Token(TokenCommand::Revoke { token_id }) => Request::TokenRevoke { id: token_id },
        Command::Invite { person: Some(person), .. } => Request::Invite { person },
        Command::Invite { person: None, .. } => Request::InviteEverybody,
        Command::Backup { file } => Request::Backup { file: absolute(&file)? },
        Command::Restore { file } => Request::Restore { file: absolute(&file)? },
        Command::SecureOffice { command } => match command {
            None => Request::SecureOffice { on: None, plain_http: None },
            Some(SecureOfficeCommand::On) => Request::SecureOffice { on: Some(true), plain_http: None },
            Some(SecureOfficeCommand::Off) => Request::SecureOffice { on: Some(false), plain_http: None },
            Some(SecureOfficeCommand::PlainHttp { taken }) => {
                Request::SecureOffice { on: None, plain_http: Some(taken) }
            }
            Some(SecureOfficeCommand::Renew) => Request::RenewAuthority,
        },
        Command::Keeper { device, none } => Request::Keeper { device, none },
        Command::Handover { device, cancel: _ } => Request::Handover { device },
        Command::StandBy(args) => return succession::stand_by(data_dir, args).await,
        Command::Takeover => return succession::take_over(&data_dir).await,
        Command::Status { json } => {
            return match control::give(&data_dir, Request::Status).await? {
                Reply::Status(status) => print_status(&status, json),
                other => print(other),
            };
        }
    };
    print(control::give(&data_dir, request).await?)
}

/// A path for a hub that runs in another directory.
fn absolute(file: &Path) -> anyhow::Result<PathBuf> {
    let path = std::path::absolute(file).with_context(|| file.display().to_string())?;
    path.to_str().with_context(|| format!("{} is not valid Unicode", file.display()))?;
    Ok(path)
}

fn print(reply: Reply) -> anyhow::Result<()> {
    match reply {
        Reply::Done => Ok(()),
        Reply::One { value } => {
            say(&value);
            Ok(())
        }
        Reply::Table { rows } => {
            rows.iter().for_each(|row| say(&row.join("\t")));
            Ok(())
        }
        Reply::Invitation { link, code } => {
            say(&link);
            say(&code);
            if std::io::stdout().is_terminal() {
                say(&qr(&link)?);
            }
            Ok(())
        }
        Reply::Status(status) => print_status(&status, false),
        Reply::Refused { message } => Err(anyhow!(message)),
    }
}

fn qr(link: &str) -> anyhow::Result<String> {
    let code = qrcode::QrCode::new(link).context("the link does not fit into a QR code")?;
    Ok(code.render::<qrcode::render::unicode::Dense1x2>().quiet_zone(true).build())
}

fn print_status(status: &Status, json: bool) -> anyhow::Result<()> {
    if json {
        say(&serde_json::to_string(status)?);
        return Ok(());
    }
    let running = match (&status.address, status.uptime_seconds) {
        (Some(address), Some(seconds)) => format!("running on {address} for {seconds} s"),
        _ => "not running".to_owned(),
    };
    say(&format!("hub\t{running}"));
    if status.running {
        let since = status.reached_since.as_deref();
        say(&format!(
            "reached\t{}",
            since.map_or_else(|| "by no other machine yet".to_owned(), |at| format!("by another machine since {at}"))
        ));
    }
    match status.trouble {
        Some(TroubleItem::DiskFull) => say("trouble\tthe disk is full: nothing can be saved, and reminders wait"),
        Some(TroubleItem::Storage) => say("trouble\tthe disk fails: nothing can be saved, and reminders wait"),
        None => {}
    }
    say(&format!("version\t{}, schema {}", status.version, status.schema));
    say(&format!("last backup\t{}", status.last_backup_at.as_deref().unwrap_or("never")));
    say(&format!("last copy\t{}", status.last_copy_at.as_deref().unwrap_or("never")));
    if let Some(failure) = &status.copy_failure {
        let why = match failure.trouble {
            Some(TroubleItem::DiskFull) => "the disk has too little space for it",
            Some(TroubleItem::Storage) => "the disk fails",
            None => "the log says why",
        };
        say(&format!("copies\tthe last one could not be made at {}: {why}", failure.at));
    }
    if status.clock.as_deref() == Some("doubted") {
        say("clock\tdoubted: it leapt ahead, and is not followed until it has held or is confirmed");
    }
    say(&format!("time zones\t{} ({})", status.zone_data.version, status.zone_data.source));
    say(&format!("fingerprint\t{}", status.fingerprint));
    say(&format!("people\t{}", status.people));
    say(&format!("devices\t{}, {} connected", status.devices, status.connected));
    say(&format!("next due\t{}", status.next_due_at.as_deref().unwrap_or("nothing")));
    let Status { fired, late, missed, collapsed, skipped, .. } = *status;
    say(&format!("since start\t{}", in_words(Counts { fired, late, missed, collapsed, skipped })));
    say(&format!("last 30 days\t{}", in_words(status.last_30_days)));
    Ok(())
}

fn in_words(Counts { fired, late, missed, collapsed, skipped }: Counts) -> String {
    format!("reminders: {fired} told ({late} late), {missed} missed, {collapsed} collapsed, {skipped} skipped")
}

async fn run_server(data_dir: PathBuf, serve: Serve) -> anyhow::Result<()> {
    start_log();
    let config = HubConfig {
        data_dir,
        locale: serve.locale,
        time_zone: serve.time_zone,
        first_admin: None,
        allow_origins: serve.allow_origin,
        allow_hosts: serve.allow_host,
        connection_limits: ConnectionLimits::of(serve.max_connections, serve.max_connections_per_address),
        ..HubConfig::default()
    };
    let hub = Hub::open(config).await?;
    let served = serve_hub(&hub, serve.listen).await;
    hub.shutdown().await;
    served
}

async fn serve_hub(hub: &Hub, listen: SocketAddr) -> anyhow::Result<()> {
    let ending = end_of_process()?;
    let listener = TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let address = listener.local_addr()?;
    // From here on connections are accepted; they wait until the next lines are printed.
    let first_sign_in = if hub.successor().is_none() { hub.first_sign_in(address).await? } else { None };
    announce(address, first_sign_in.as_deref());
    let serving = hub.serve(listener);
    tokio::pin!(serving);
    let ended = tokio::select! {
        ended = &mut serving => ended,
        () = ending => {
            tracing::info!("ending");
            tokio::join!(serving, hub.shutdown()).0
        }
    };
    ended.context("the server failed")
}

/// The lines that other programs wait for.
fn announce(address: SocketAddr, first_sign_in: Option<&str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "listening on http://{address}");
    if let Some(link) = first_sign_in {
        let _ = writeln!(out, "first sign-in: {link}");
    }
    let _ = out.flush();
}

/// The variable that says what is logged, in the form `info,rappel_hub=debug`.
const LOG_VARIABLE: &str = "RAPPEL_LOG";

fn start_log() {
    let wanted = std::env::var(LOG_VARIABLE).ok().and_then(|wanted| wanted.parse().ok());
    let filter: Targets = wanted.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO));
    let in_colour = std::io::stderr().is_terminal();
    let to_stderr = tracing_subscriber::fmt::layer().with_ansi(in_colour).with_writer(std::io::stderr);
    // A second start in one process keeps the first log.
    let _ = tracing_subscriber::registry().with(filter).with(to_stderr).try_init();
}

/// Done when the process is asked to end. Listens from the call on, so that no signal is lost.
fn end_of_process() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            if let Err(error) = tokio::signal::ctrl_c().await {
                tracing::error!(%error, "Ctrl-C cannot be waited for");
                std::future::pending::<()>().await;
            }
        })
    }
}
