//! Host names: of an environment that is like another, its slug is put in; `hosts` says
//! other ones.

use super::Manifest;
use super::decode::Args;
use super::environment::{Declared, Resolved};
use super::value::Val;
use crate::model::{ComponentId, Kind};
use groma_lang::{Diagnostics, diag};

/// Makes the hosts of an environment final.
pub(super) fn settle(m: &Manifest, own: &Declared, resolved: &mut Resolved, diags: &mut Diagnostics) {
    let env = &mut resolved.environment;
    let rename = env.like.is_some();
    let slug = env.slug.clone();
    let domain = m.platform.domain.as_deref();
    let put_in = |kind: Kind, name: &str, host: &mut String| {
        let id = ComponentId { kind, name: name.to_owned() };
        if rename && !resolved.own_hosts.contains(&id) {
            *host = with_slug(host, &slug, domain);
        }
    };
    for (name, s) in &mut env.components.services {
        s.hosts.iter_mut().for_each(|h| put_in(Kind::Service, name, h));
    }
    for (name, b) in &mut env.components.buckets {
        b.cdn.iter_mut().for_each(|h| put_in(Kind::Bucket, name, h));
    }
    for (name, x) in &mut env.components.mails {
        put_in(Kind::Mail, name, &mut x.domain);
    }
    said(&own.args, resolved, diags);
}

/// What the argument `hosts` says.
fn said(args: &Args, resolved: &mut Resolved, diags: &mut Diagnostics) {
    let c = &mut resolved.environment.components;
    for f in args.fields("hosts") {
        let hosts: Vec<String> = f.value.elements().iter().filter_map(Val::text).map(str::to_owned).collect();
        let kind = match (c.services.get_mut(&f.name), c.buckets.get_mut(&f.name), &hosts[..]) {
            (Some(s), ..) => {
                s.hosts = hosts;
                Kind::Service
            }
            (None, Some(b), [one]) => {
                b.cdn = Some(one.clone());
                Kind::Bucket
            }
            (None, Some(_), _) => {
                diags.error(
                    f.value.span,
                    "Too many hosts",
                    format!("The CDN of bucket.{} has one host. Write one.", f.name),
                );
                continue;
            }
            (None, None, _) => {
                let names = c.services.keys().chain(c.buckets.keys()).map(String::as_str);
                let remedy = match diag::suggest(&f.name, names) {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None => "hosts has the names of services and buckets that the environment has.".into(),
                };
                diags.error(
                    f.span,
                    "Host of something unknown",
                    format!("{} has no service or bucket \"{}\". {remedy}", args.title, f.name),
                );
                continue;
            }
        };
        let id = ComponentId { kind, name: f.name.clone() };
        let place = if kind == Kind::Service { "host" } else { "cdn" };
        resolved.places.insert((id, place), f.value.span);
    }
}

/// `app.levels.example` as `app.staging.levels.example`; the domain itself, and a name of
/// two parts, as `staging.levels.example`.
fn with_slug(host: &str, slug: &str, domain: Option<&str>) -> String {
    match host.split_once('.') {
        Some((first, rest)) if Some(host) != domain && rest.contains('.') => format!("{first}.{slug}.{rest}"),
        _ => format!("{slug}.{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_slug;

    #[test]
    fn where_the_slug_goes() {
        assert_eq!(with_slug("app.levels.example", "staging", None), "app.staging.levels.example");
        assert_eq!(with_slug("levels.example", "staging", None), "staging.levels.example");
        assert_eq!(
            with_slug("shop.levels.example", "qa", Some("shop.levels.example")),
            "qa.shop.levels.example"
        );
        assert_eq!(with_slug("*.levels.example", "qa", None), "*.qa.levels.example");
    }
}
