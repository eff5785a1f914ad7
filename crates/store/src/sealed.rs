//! A copy of the store that is of use to nobody without its key.
//!
//! The file is a name, a salt, and chunks of 64 KiB, each sealed with ChaCha20-Poly1305 (RFC 8439)
//! under a key of the file's own. A chunk's nonce is its number and whether it is the last, the
//! STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): chunks that are left out, cut off
//! or put in another order are noticed, and so is a file put together from two. It is written and
//! read in one go, with one chunk in memory.

use std::fmt;
use std::io::{self, Read, Write};

use rappel_core::Timestamp;
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What such a file begins with.
const MAGIC: &[u8; 16] = b"rappel sealed 1\n";
const SALT_LEN: usize = 32;
const CHUNK: usize = 64 * 1024;
const TAG_LEN: usize = 16;
/// A label is a few short fields.
const LABEL_MAX: usize = 4096;

/// Opens what was sealed with it, and nothing else does.
#[derive(Clone)]
pub struct SealKey([u8; Self::LEN]);

impl SealKey {
    /// In bytes.
    pub const LEN: usize = 32;

    /// A new one.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn generate() -> io::Result<Self> {
        random().map(Self)
    }

    /// One that was kept.
    #[must_use]
    pub fn from_bytes(bytes: [u8; Self::LEN]) -> Self {
        Self(bytes)
    }

    /// To be kept where nobody else can read it.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }

    fn of_file(&self, salt: &[u8; SALT_LEN]) -> LessSafeKey {
        let mut hasher = blake3::Hasher::new_keyed(&self.0);
        hasher.update(MAGIC).update(salt);
        let key = UnboundKey::new(&CHACHA20_POLY1305, hasher.finalize().as_bytes());
        LessSafeKey::new(key.expect("BUG: the key has the algorithm's length"))
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey")
    }
}

/// What is in a sealed file, in its first bytes and sealed as the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealLabel {
    /// Which hub it is a copy of.
    pub hub: Uuid,
    /// The hub's epoch at that time.
    pub epoch: u64,
    /// The instant that it is of, in milliseconds since 1970.
    pub made_at_ms: i64,
}

impl SealLabel {
    /// The instant that it is of.
    #[must_use]
    pub fn made_at(&self) -> Timestamp {
        Timestamp::clamped_from_ms(self.made_at_ms)
    }
}

/// Why a sealed file was not opened.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// It cannot be read.
    #[error("the copy cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It is something else.
    #[error("this is no copy of an office")]
    Foreign,
    /// It is not what was once written, or was sealed with another key.
    #[error("the copy is damaged, or was made with another key")]
    Damaged,
}

/// Seals what is written to it. Without [`Sealer::finish`] what was written is no whole file.
pub struct Sealer<W> {
    out: W,
    key: LessSafeKey,
    chunk: Vec<u8>,
    number: u64,
}

impl<W: Write> Sealer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn begin(mut out: W, key: &SealKey, label: &SealLabel) -> io::Result<Self> {
        let salt = random()?;
        out.write_all(MAGIC)?;
        out.write_all(&salt)?;
        let mut sealer = Self { out, key: key.of_file(&salt), chunk: Vec::with_capacity(CHUNK + TAG_LEN), number: 0 };
        let label = serde_json::to_vec(label)?;
        let length = u32::try_from(label.len()).map_err(io::Error::other)?;
        sealer.write_all(&length.to_be_bytes())?;
        sealer.write_all(&label)?;
        Ok(sealer)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> io::Result<W> {
        self.seal(true)?;
        self.out.flush()?;
        Ok(self.out)
    }

    fn seal(&mut self, is_last: bool) -> io::Result<()> {
        let nonce = nonce(self.number, is_last);
        let sealed = self.key.seal_in_place_append_tag(nonce, Aad::empty(), &mut self.chunk);
        sealed.map_err(|_| io::Error::other("a chunk could not be sealed"))?;
        self.out.write_all(&self.chunk)?;
        self.chunk.clear();
        self.number += 1;
        Ok(())
    }
}

impl<W: Write> Write for Sealer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk waits for the next byte: the last one is sealed as such.
        if self.chunk.len() == CHUNK && !bytes.is_empty() {
            self.seal(false)?;
        }
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Reads what was sealed. What it has given is worth nothing before it has come to its end without
/// an error: only then is it known to be whole.
pub struct Unsealer<R> {
    input: R,
    key: LessSafeKey,
    chunk: Vec<u8>,
    given: usize,
    number: u64,
    is_over: bool,
}

impl<R: Read> Unsealer<R> {
    /// Reads the label of a file, and makes the rest ready to be read.
    ///
    /// # Errors
    /// When it is none, or was sealed with another key.
    pub fn open(mut input: R, key: &SealKey) -> Result<(SealLabel, Self), SealError> {
        let mut magic = [0; MAGIC.len()];
        let mut salt = [0; SALT_LEN];
        for part in [&mut magic[..], &mut salt[..]] {
            input.read_exact(part).map_err(|error| match error.kind() {
                io::ErrorKind::UnexpectedEof => SealError::Foreign,
                _ => error.into(),
            })?;
        }
        if magic != *MAGIC {
            return Err(SealError::Foreign);
        }
        let key = key.of_file(&salt);
        let mut unsealer = Self { input, key, chunk: Vec::new(), given: 0, number: 0, is_over: false };
        let label = unsealer.label().map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => SealError::Damaged,
            _ => error.into(),
        })?;
        Ok((label, unsealer))
    }

    fn label(&mut self) -> io::Result<SealLabel> {
        let mut length = [0; 4];
        self.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > LABEL_MAX {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut label = vec![0; length];
        self.read_exact(&mut label)?;
        serde_json::from_slice(&label).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    /// Opens the next chunk.
    fn unseal(&mut self) -> io::Result<()> {
        let whole = CHUNK + TAG_LEN;
        self.chunk.clear();
        self.given = 0;
        let limit = u64::try_from(whole).unwrap_or(u64::MAX);
        (&mut self.input).take(limit).read_to_end(&mut self.chunk)?;
        // A last chunk may be as long as any: which it is, its nonce says.
        for is_last in [false, true] {
            if !is_last && self.chunk.len() < whole {
                continue;
            }
            let mut chunk = self.chunk.clone();
            let opened = self.key.open_in_place(nonce(self.number, is_last), Aad::empty(), &mut chunk);
            if let Ok(text) = opened {
                let length = text.len();
                chunk.truncate(length);
                self.chunk = chunk;
                self.number += 1;
                self.is_over = is_last;
                return if is_last { self.expect_end() } else { Ok(()) };
            }
        }
        self.chunk.clear();
        Err(damaged())
    }

    /// Nothing follows the last chunk.
    fn expect_end(&mut self) -> io::Result<()> {
        let mut more = Vec::new();
        (&mut self.input).take(1).read_to_end(&mut more)?;
        if more.is_empty() { Ok(()) } else { Err(damaged()) }
    }
}

impl<R: Read> Read for Unsealer<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.given == self.chunk.len() {
            if self.is_over || out.is_empty() {
                return Ok(0);
            }
            self.unseal()?;
        }
        let given = out.len().min(self.chunk.len() - self.given);
        out[..given].copy_from_slice(&self.chunk[self.given..self.given + given]);
        self.given += given;
        Ok(given)
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the copy is damaged, or was made with another key")
}

fn nonce(number: u64, is_last: bool) -> Nonce {
    let mut nonce = [0; 12];
    nonce[3..11].copy_from_slice(&number.to_be_bytes());
    nonce[11] = u8::from(is_last);
    Nonce::assume_unique_for_key(nonce)
}

fn random<const LEN: usize>() -> io::Result<[u8; LEN]> {
    let mut bytes = [0; LEN];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes)
}

#[cfg(test)]
#[path = "sealed_tests.rs"]
mod tests;
