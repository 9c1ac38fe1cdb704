//! Environments that are up and that the manifest has somewhere else now: in another
//! network, account or region, with other addresses or another name of the platform. Nothing
//! of AWS moves; what is there would be lost sight of.

use super::Project;
use crate::commands::Failure;
use groma_lang::{Diagnostic, Span};
use groma_platform::compile::{Root, RootOf};
use groma_platform::record::{Kept, Record};
use groma_platform::{Environment, NetworkRef};

/// Refuses to move an environment, with all that it needs.
pub fn stays(p: &Project<'_>, env: &Environment, roots: &[Root]) -> Result<(), Failure> {
    in_place(p, env, roots)?;
    let record = p.recorded()?;
    let Some(kept) = record.roots.get(&env.slug) else { return Ok(()) };
    let was = kept.needs.iter().find_map(|n| n.strip_prefix("network-"));
    let is = match &env.network {
        NetworkRef::Named(n) => Some(n.as_str()),
        NetworkRef::Own => None,
    };
    if was == is || !record.environments.contains_key(&env.slug) {
        return Ok(());
    }
    let name = |n: Option<&str>| n.map_or("a network of its own".to_owned(), |n| format!("network.{n}"));
    Err(p.s.fail(
        Diagnostic::error(
            format!("{} is in another network", env.slug),
            format!(
                "It was brought up in {}, and the manifest has it in {}. Load balancers and databases cannot move from one network to another. Write the network that it is in, or take it down with everything in it, and bring it up again:\n  {}\n  {}",
                name(was),
                name(is),
                p.command("down", env),
                p.command("up", env)
            ),
        )
        .at(env.span),
    ))
}

/// What is somewhere else now.
struct Moved {
    /// What it is: `region`.
    what: &'static str,
    was: String,
    is: String,
    span: Span,
}

/// Refuses root modules that were applied in another account or region, with other
/// addresses, or by another name of the platform than the manifest has now.
pub fn in_place(p: &Project<'_>, env: &Environment, roots: &[Root]) -> Result<(), Failure> {
    let record = p.recorded()?;
    for root in roots {
        let Some(kept) = record.roots.get(&root.name) else { continue };
        let Some(m) = moved(p, env, root, kept) else { continue };
        if p.stored(&root.name)?.resources.is_empty() {
            continue;
        }
        let which = match &root.of {
            RootOf::Once => "What the platform has once".to_owned(),
            _ => format!("The {}", root.title),
        };
        return Err(p.s.fail(
            Diagnostic::error(
                format!("{} is up with another {}", up_there(&record, root, env), m.what),
                format!(
                    "{which} was brought up with the {what} {was}, and the manifest has {is} now. Nothing on AWS moves from one to the other: what is there would be replaced or lost sight of, with its data. Write {was} again. If it is to be {is}, either declare another environment beside this one for it, move data and host names over, and take this one down; or, with {was} still written, take it down with everything in it, change the manifest, and bring it up again:\n  {}\n  {}",
                    p.command("down", env),
                    p.command("up", env),
                    what = m.what,
                    was = m.was,
                    is = m.is,
                ),
            )
            .at(m.span),
        ));
    }
    Ok(())
}

/// What is up because of a root module, for people.
fn up_there(record: &Record, root: &Root, env: &Environment) -> String {
    match &root.of {
        RootOf::Network(n) if !record.environments.contains_key(&env.slug) => format!("network {n}"),
        _ if !record.environments.contains_key(&env.slug) => "The platform".to_owned(),
        _ => env.slug.clone(),
    }
}

fn moved(p: &Project<'_>, env: &Environment, root: &Root, kept: &Kept) -> Option<Moved> {
    let platform = &p.manifest.platform;
    let network = match &root.of {
        RootOf::Network(n) => p.manifest.networks.get(n),
        _ => None,
    };
    let block = network.map_or(env.span, |n| n.span);
    let quoted = |s: &str| format!("{s:?}");
    if !kept.platform.is_empty() && kept.platform != platform.name {
        let (was, is) = (quoted(&kept.platform), quoted(&platform.name));
        return Some(Moved { what: "name of the platform", was, is, span: platform.span });
    }
    let account = platform.accounts.iter().find(|a| a.name == root.account)?;
    if !kept.account_id.is_empty() && kept.account_id != account.id {
        let (was, is) = (quoted(&kept.account_id), quoted(&account.id));
        // Another account of the manifest, or another number of the same.
        let span = if kept.account == account.name { account.span } else { block };
        return Some(Moved { what: "account", was, is, span });
    }
    if kept.region != root.region {
        let (was, is) = (quoted(&kept.region), quoted(&root.region));
        let span = if root.region == platform.region { platform.region_span } else { block };
        return Some(Moved { what: "region", was, is, span });
    }
    let declared = match network {
        Some(n) => n.cidr,
        None => Some(&env.own_network).filter(|_| env.network == NetworkRef::Own).and_then(|n| n.cidr),
    };
    match (kept.cidr, declared) {
        (Some(was), Some(is)) if was != is && root.of != RootOf::Once => {
            let (was, is) = (quoted(&was.to_string()), quoted(&is.to_string()));
            Some(Moved { what: "cidr", was, is, span: block })
        }
        _ => None,
    }
}
