//! Who logs in, and the methods to prove it: a key or a certificate, a password, an agent.

use crate::connect::Client;
use crate::{Agent, Error, Machine};
use russh::MethodKind;
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse as Answer};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Certificate, HashAlg, PrivateKey, PrivateKeyWithHashAlg, PublicKey, decode_secret_key};
use std::path::Path;
use std::sync::Arc;

/// What is known of who logs in.
pub(crate) struct Credentials {
    user: String,
    password: Option<String>,
    key: Option<Arc<PrivateKey>>,
    certificate: Option<Certificate>,
}

impl Credentials {
    /// Reads them. `prefix` is before the names of the arguments in a configuration.
    pub fn of(machine: &Machine, prefix: &str) -> Result<Credentials, Error> {
        let key = machine.private_key.as_deref().map(|t| read_key(t, prefix)).transpose()?;
        let certificate = match &machine.certificate {
            // Without its key it proves nothing; Terraform leaves it out, too.
            Some(text) if key.is_some() => Some(Certificate::from_openssh(text.trim()).map_err(|e| {
                Error::lasting(format!(
                    "{prefix}certificate cannot be read ({e}). It is one line as in a file of the name *-cert.pub."
                ))
            })?),
            _ => None,
        };
        Ok(Credentials {
            user: machine.user.clone(),
            password: machine.password.clone(),
            key: key.map(Arc::new),
            certificate,
        })
    }
}

/// Reads the text of a private key. No error has anything of the text.
fn read_key(text: &str, prefix: &str) -> Result<PrivateKey, Error> {
    // As they are in indented texts of configurations.
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let locked = || {
        Error::lasting(format!(
            "{prefix}private_key is locked with a passphrase, which cannot be given. Take it without (ssh-keygen -p), or leave it to an SSH agent."
        ))
    };
    if lines.iter().any(|l| l.starts_with("Proc-Type: 4,ENCRYPTED") || l.contains("BEGIN ENCRYPTED ")) {
        return Err(locked());
    }
    match decode_secret_key(&lines.join("\n"), None) {
        Ok(key) if key.is_encrypted() => Err(locked()),
        Ok(key) => Ok(key),
        Err(russh::keys::Error::KeyIsEncrypted) => Err(locked()),
        Err(_) => Err(Error::lasting(format!(
            "{prefix}private_key is not a private key that can be read. It is the text of a file in the format of OpenSSH or PEM, not the file's name: file(\"id_ed25519\")."
        ))),
    }
}

/// One authentication.
struct Attempt<'a> {
    handle: &'a mut Handle<Client>,
    user: &'a str,
    /// What the machine takes next, as it says.
    methods: Vec<MethodKind>,
    tried: Vec<&'static str>,
}

impl Attempt<'_> {
    /// Whether `method` may be of use; if so, it counts as tried under `name`.
    fn takes(&mut self, method: MethodKind, name: &'static str) -> bool {
        let takes = self.methods.contains(&method);
        if takes {
            self.tried.push(name);
        }
        takes
    }

    /// Whether that was it.
    fn note(&mut self, result: AuthResult) -> bool {
        match result {
            AuthResult::Success => true,
            AuthResult::Failure { remaining_methods, .. } => {
                self.methods = remaining_methods.to_vec();
                false
            }
        }
    }

    /// The algorithms to sign with, for keys of RSA. A machine that does not say which it
    /// takes may be older than all but SHA-1.
    async fn hashes(&self, rsa: bool) -> Result<Vec<Option<HashAlg>>, russh::Error> {
        if !rsa {
            return Ok(vec![None]);
        }
        Ok(match self.handle.best_supported_rsa_hash().await? {
            Some(best) => vec![best],
            None => vec![Some(HashAlg::Sha512), None],
        })
    }

    async fn key(&mut self, key: &Arc<PrivateKey>) -> Result<bool, russh::Error> {
        for hash in self.hashes(key.algorithm().is_rsa()).await? {
            let key = PrivateKeyWithHashAlg::new(key.clone(), hash);
            let result = self.handle.authenticate_publickey(self.user, key).await?;
            if self.note(result) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The password as the answer to whatever is asked.
    async fn interactive(&mut self, password: &str) -> Result<bool, russh::Error> {
        let mut answer = self.handle.authenticate_keyboard_interactive_start(self.user, None).await?;
        // Who asks for ever wants something else.
        for _ in 0..10 {
            match answer {
                Answer::Success => return Ok(true),
                Answer::Failure { remaining_methods, partial_success } => {
                    return Ok(self.note(AuthResult::Failure { remaining_methods, partial_success }));
                }
                Answer::InfoRequest { prompts, .. } => {
                    let all = vec![password.to_owned(); prompts.len()];
                    answer = self.handle.authenticate_keyboard_interactive_respond(all).await?;
                }
            }
        }
        Ok(false)
    }

    /// The identities of an agent, one after the other.
    async fn agent(&mut self, agent: &Agent) -> Result<bool, Error> {
        let Some(socket) = &agent.socket else { return Ok(false) };
        let asked = async {
            let mut client = AgentClient::connect_uds(socket).await?;
            let ids = client.request_identities().await?;
            Ok::<_, russh::keys::Error>((client, ids))
        };
        let (mut client, mut ids) = match asked.await {
            Ok(found) => found,
            Err(e) if agent.required => return Err(unreachable(&e.to_string())),
            Err(_) => return Ok(false),
        };
        if let Some(first) = &agent.identity {
            let key = identity_file(first).await;
            ids.sort_by_key(|i| rank(i, first, key.as_ref()));
        }
        for id in ids {
            // Each refusal is one of the few that a machine allows.
            if !self.methods.contains(&MethodKind::PublicKey) {
                break;
            }
            let failed = |e: russh::AgentAuthError| unreachable(&e.to_string());
            let rsa = id.public_key().algorithm().is_rsa();
            let hash = self.handle.best_supported_rsa_hash().await.ok().flatten().flatten();
            let hash = if rsa { hash.or(Some(HashAlg::Sha512)) } else { None };
            let result = match id {
                AgentIdentity::PublicKey { key, .. } => {
                    self.handle.authenticate_publickey_with(self.user, key, hash, &mut client).await
                }
                AgentIdentity::Certificate { certificate, .. } => {
                    self.handle.authenticate_certificate_with(self.user, certificate, hash, &mut client).await
                }
            };
            if self.note(result.map_err(failed)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// The error about an agent that does not do what it is there for.
pub(crate) fn unreachable(why: &str) -> Error {
    Error::lasting(format!(
        "The SSH agent cannot be asked: {why}. Start one (SSH_AUTH_SOCK names its socket), or set agent = false."
    ))
}

/// Which of an agent's identities comes first: the one that is named exactly, then those
/// whose comment ends so, because an agent keeps the whole path of a file.
fn rank(id: &AgentIdentity, wanted: &str, key: Option<&PublicKey>) -> u8 {
    let comment = match id {
        AgentIdentity::PublicKey { comment, .. } | AgentIdentity::Certificate { comment, .. } => comment,
    };
    if comment == wanted || key.is_some_and(|k| k.key_data() == id.public_key().key_data()) {
        0
    } else if comment.ends_with(wanted) {
        1
    } else {
        2
    }
}

/// The public key of a file, or of the one beside it.
async fn identity_file(name: &str) -> Option<PublicKey> {
    for name in [name.to_owned(), format!("{name}.pub")] {
        let Ok(text) = tokio::fs::read_to_string(Path::new(&name)).await else { continue };
        if let Ok(key) = decode_secret_key(&text, None) {
            return Some(key.public_key().clone());
        }
        if let Ok(key) = PublicKey::from_openssh(text.trim()) {
            return Some(key);
        }
    }
    None
}

/// Logs in, with everything that the machine takes, in Terraform's order. A machine that
/// wants several methods gets them one after the other.
pub(crate) async fn authenticate(
    handle: &mut Handle<Client>,
    who: &Credentials,
    agent: Option<&Agent>,
    name: &str,
) -> Result<(), Error> {
    let lost = |e: russh::Error| Error::passing(format!("The connection to {name} was lost: {e}."));
    let first = handle.authenticate_none(&who.user).await.map_err(lost)?;
    let mut attempt = Attempt { handle, user: &who.user, methods: Vec::new(), tried: Vec::new() };
    if attempt.note(first) {
        return Ok(());
    }
    let offered = attempt.methods.clone();
    if let Some(key) = &who.key
        && attempt.takes(MethodKind::PublicKey, "private_key")
    {
        let done = match who.certificate.clone() {
            Some(cert) => {
                let result = attempt.handle.authenticate_openssh_cert(&who.user, key.clone(), cert).await;
                attempt.note(result.map_err(lost)?)
            }
            None => attempt.key(key).await.map_err(lost)?,
        };
        if done {
            return Ok(());
        }
    }
    if let Some(password) = &who.password {
        if attempt.takes(MethodKind::Password, "password") {
            let result = attempt.handle.authenticate_password(&who.user, password).await.map_err(lost)?;
            if attempt.note(result) {
                return Ok(());
            }
        }
        if attempt.takes(MethodKind::KeyboardInteractive, "password (asked for)")
            && attempt.interactive(password).await.map_err(lost)?
        {
            return Ok(());
        }
    }
    if let Some(agent) = agent
        && attempt.takes(MethodKind::PublicKey, "agent")
        && attempt.agent(agent).await?
    {
        return Ok(());
    }
    if attempt.handle.is_closed() && offered.is_empty() {
        return Err(Error::passing(format!("{name} closed the connection before anybody could log in.")));
    }
    let offered: Vec<&str> = offered.iter().map(Into::into).collect();
    let tried = match &*attempt.tried {
        [] => "nothing of that is in the connection".to_owned(),
        all => format!("{} did not do", all.join(", ")),
    };
    Err(Error::passing(format!(
        "{name} does not let {:?} in: it takes {}, and {tried}. Check user, password, private_key and certificate of the connection.",
        who.user,
        if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") },
    )))
}
