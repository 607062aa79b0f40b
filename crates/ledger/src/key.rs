//! Keys with a name, in the text form of signed notes.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// The number of Ed25519 in keys of signed notes.
const ED25519: u8 = 1;
/// How the text of a private key begins.
const PRIVATE: &str = "PRIVATE+KEY+";
/// No longer name is read.
const LONGEST_NAME: usize = 256;

/// Four bytes that tell keys apart; they prove nothing.
pub(crate) type Id = [u8; 4];

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyError {
    /// The name is empty, too long, or holds a space or a plus.
    Name,
    /// The text is not `name+id+key`.
    Form,
    /// The key is not of the kind Ed25519.
    Kind,
    /// The four bytes do not belong to this name and key.
    Id,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Name => "the name of a key is not empty and holds no space and no plus",
            Self::Form => "a key is written name+id+key",
            Self::Kind => "the key is not of the kind Ed25519",
            Self::Id => "the id does not belong to this name and key",
        })
    }
}

impl std::error::Error for KeyError {}

/// Whether a text can be the name of a key.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

fn id(name: &str, key: &VerifyingKey) -> Id {
    let mut hasher = Sha256::new();
    hasher.update(name);
    hasher.update([b'\n', ED25519]);
    hasher.update(key.as_bytes());
    let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.finalize());
    [a, b, c, d]
}

/// `name+id+key` taken apart.
fn parts(text: &str) -> Result<(&str, Id, [u8; 32]), KeyError> {
    let mut fields = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (fields.next(), fields.next(), fields.next()) else {
        return Err(KeyError::Form);
    };
    if !is_name(name) {
        return Err(KeyError::Name);
    }
    if id.len() != 8 || key.len() > 128 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(KeyError::Form);
    }
    let id = u32::from_str_radix(id, 16).map_err(|_| KeyError::Form)?.to_be_bytes();
    let key = STANDARD.decode(key).map_err(|_| KeyError::Form)?;
    match key.split_first() {
        Some((&ED25519, key)) => Ok((name, id, key.try_into().map_err(|_| KeyError::Kind)?)),
        Some(_) => Err(KeyError::Kind),
        None => Err(KeyError::Form),
    }
}

fn text(name: &str, id: Id, key: &[u8; 32]) -> String {
    let mut bytes = vec![ED25519];
    bytes.extend(key);
    format!("{name}+{:08x}+{}", u32::from_be_bytes(id), STANDARD.encode(bytes))
}

/// The public half: checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    id: Id,
    key: VerifyingKey,
}

impl Verifier {
    /// Reads `name+id+key`; spaces and line ends around it do not matter.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let (name, stated, key) = parts(text.trim())?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| KeyError::Kind)?;
        let verifier = Self { name: name.to_owned(), id: id(name, &key), key };
        if verifier.id == stated { Ok(verifier) } else { Err(KeyError::Id) }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name and id: enough to tell a key from another, not to check anything.
    pub fn short(&self) -> String {
        format!("{}+{:08x}", self.name, u32::from_be_bytes(self.id))
    }

    /// The bytes that tell it apart.
    pub(crate) fn id(&self) -> Id {
        self.id
    }

    /// Whether this key signed the text.
    pub(crate) fn signed(&self, text: &[u8], signature: &[u8; 64]) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        self.key.verify_strict(text, &signature).is_ok()
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.name, self.id, self.key.as_bytes()))
    }
}

/// The private half: signs. It shows itself only where asked to.
#[derive(Clone)]
pub struct Signer {
    key: SigningKey,
    verifier: Verifier,
}

impl Signer {
    /// A key from 32 random bytes.
    pub fn new(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::Name);
        }
        let key = SigningKey::from_bytes(seed);
        let public = key.verifying_key();
        Ok(Self { key, verifier: Verifier { name: name.to_owned(), id: id(name, &public), key: public } })
    }

    /// Reads `PRIVATE+KEY+name+id+seed`.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim().strip_prefix(PRIVATE).ok_or(KeyError::Form)?;
        let (name, stated, seed) = parts(text)?;
        let signer = Self::new(name, &seed)?;
        if signer.verifier.id == stated { Ok(signer) } else { Err(KeyError::Id) }
    }

    /// The text of the private key. Whoever has it can sign.
    pub fn secret(&self) -> String {
        format!("{PRIVATE}{}", text(&self.verifier.name, self.verifier.id, self.key.as_bytes()))
    }

    /// The public half.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) fn sign(&self, text: &[u8]) -> [u8; 64] {
        self.key.sign(text).to_bytes()
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.verifier.name).finish_non_exhaustive()
    }
}
