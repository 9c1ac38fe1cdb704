//! What follows from `uses`: statements of IAM, settings, secrets, edges between
//! security groups, and endpoints of AWS services.

use super::write::{End, Writer, module_label, tcp};
use crate::hcl::Ex;
use crate::model::*;
use std::collections::BTreeSet;

/// The rights and the knowledge that a client gets.
#[derive(Default)]
pub(super) struct Grants {
    /// IAM statements.
    pub statements: Vec<Ex>,
    /// Settings by name.
    pub settings: Vec<(String, Ex)>,
    /// ARNs of secrets whose values the client reads, by the setting's name.
    pub secrets: Vec<(String, Ex)>,
    /// Security groups and ranges that it connects to: a label, a text, the end, ports.
    pub edges: Vec<(String, String, End, Vec<Port>)>,
    /// Whether it reaches S3 through the gateway endpoint.
    pub s3: bool,
    /// Whether it calls AWS services through interface endpoints.
    pub endpoints: bool,
}

/// All `uses` of everything that runs in an environment.
fn all_uses(c: &Components) -> impl Iterator<Item = &Use> {
    let services = c.services.values().flat_map(|s| &s.uses);
    let functions = c.functions.values().flat_map(|s| &s.uses);
    let jobs = c.jobs.values().flat_map(|s| &s.uses);
    services.chain(functions).chain(jobs)
}

/// Whether anything in it may connect to the internet.
pub(crate) fn reaches_internet(c: &Components) -> bool {
    // A container image from elsewhere is fetched over the internet.
    let public_image = |i: &Image| matches!(i.source, ImageSource::Container { .. });
    all_uses(c).any(|u| matches!(u.target, UseTarget::Internet { .. }))
        || c.services.values().any(|s| public_image(&s.image))
        || c.jobs.values().any(|j| public_image(&j.image))
}

/// The AWS services that it calls, as names of interface endpoints.
pub(crate) fn endpoints(c: &Components) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut add = |list: &[&str]| out.extend(list.iter().map(|s| (*s).to_owned()));
    if c.services.values().any(|s| s.run == Run::Instances) || !c.accesses.is_empty() {
        add(&["ssm", "ssmmessages", "ec2messages", "logs"]);
    }
    let containers = c.services.values().any(|s| s.run != Run::Instances) || !c.jobs.is_empty();
    if containers {
        add(&["ecr.api", "ecr.dkr", "logs", "ssmmessages"]);
    }
    if c.services.values().any(|s| s.run == Run::Containers) {
        add(&["ecs", "ecs-agent", "ecs-telemetry"]);
    }
    for u in all_uses(c) {
        if let UseTarget::Component { id, .. } = &u.target
            && let Some(e) = endpoint(id.kind)
        {
            add(&[e]);
        }
    }
    out
}

/// The interface endpoint of the AWS service behind a kind.
fn endpoint(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Queue => "sqs",
        Kind::Topic => "sns",
        Kind::Secret | Kind::Database => "secretsmanager",
        Kind::Mail => "email-smtp",
        Kind::Function => "lambda",
        _ => return None,
    })
}

/// `QUEUE_JOBS`
fn setting(kind: Kind, name: &str, what: &str) -> String {
    let base = format!("{}_{}", kind.keyword(), name).replace('-', "_").to_ascii_uppercase();
    if what.is_empty() { base } else { format!("{base}_{what}") }
}

/// `QueueJobsSend`
fn sid(kind: Kind, name: &str, right: Right) -> String {
    let word = |s: &str| {
        s.split(['-', '_'])
            .map(|p| {
                p.chars()
                    .next()
                    .map(|c| c.to_ascii_uppercase())
                    .into_iter()
                    .chain(p.chars().skip(1))
                    .collect::<String>()
            })
            .collect::<String>()
    };
    format!("{}{}{}", word(kind.keyword()), word(name), word(right.word()))
}

fn statement(sid: &str, actions: &[&str], resources: Vec<Ex>) -> Ex {
    Ex::Map(vec![
        ("sid".into(), Ex::text(sid)),
        ("actions".into(), Ex::texts(actions.iter().copied())),
        ("resources".into(), Ex::List(resources)),
    ])
}

/// What surrounds a client.
pub(super) struct Around<'a> {
    /// The environment.
    pub env: &'a Environment,
    /// What the network shares.
    pub shares: &'a BTreeSet<ComponentId>,
    /// The name that buckets have.
    pub internal_zone: String,
}

impl Around<'_> {
    /// The expression of a component's module: its own or the network's.
    pub fn handle(&self, id: &ComponentId) -> String {
        let label = module_label(id.kind, &id.name);
        if self.shares.contains(id) { format!("local.shared.{label}") } else { format!("module.{label}") }
    }
}

/// The grants of one client. `settings_are_secret`: where the client gets the secret's
/// value itself (containers) rather than its ARN.
pub(super) fn grants(w: &Writer<'_>, around: &Around<'_>, uses: &[Use]) -> Grants {
    let mut g = Grants::default();
    let mut internet: Vec<Port> = Vec::new();
    for u in uses {
        match &u.target {
            UseTarget::Component { id, right } => component(w, around, id, *right, &mut g),
            UseTarget::Internet { ports, .. } => internet.extend(ports.iter().cloned()),
            UseTarget::Elsewhere { environment, service } => {
                let key = format!("environment_{}", environment.replace('-', "_"));
                let service = service.replace('-', "_");
                let base = format!("data.terraform_remote_state.{key}.outputs.links.{service}");
                g.settings.push((
                    format!("{}_{}_URL", environment, service).to_ascii_uppercase().replace('-', "_"),
                    Ex::raw(format!("{base}.url")),
                ));
            }
        }
    }
    internet.sort();
    internet.dedup();
    if !internet.is_empty() {
        let any = End::Cidrs(vec!["0.0.0.0/0".into()]);
        g.edges.push(("internet".into(), "to the internet".into(), any, internet));
    }
    let mut seen = BTreeSet::new();
    g.settings.retain(|(k, _)| seen.insert(k.clone()));
    let mut seen = BTreeSet::new();
    g.secrets.retain(|(k, _)| seen.insert(k.clone()));
    let mut seen: Vec<End> = Vec::new();
    g.edges.retain(|(_, _, end, _)| {
        let new = !seen.contains(end);
        seen.push(end.clone());
        new
    });
    g
}

fn component(w: &Writer<'_>, around: &Around<'_>, id: &ComponentId, right: Right, g: &mut Grants) {
    let h = around.handle(id);
    let at = |attribute: &str| Ex::raw(format!("{h}.{attribute}"));
    let name = &id.name;
    let set = |what: &str| setting(id.kind, name, what);
    let sid = sid(id.kind, name, right);
    let components = &around.env.components;
    g.endpoints |= endpoint(id.kind).is_some();
    let mut edge = |port: u16, end: End| {
        g.edges.push((format!("{}_{}", id.kind.keyword(), name), format!("to {id}"), end, vec![tcp(port)]));
    };
    match id.kind {
        Kind::Database => {
            let Some(d) = components.databases.get(name) else { return };
            edge(d.port(), End::Group(format!("{h}.security_group_id")));
            let host = if right == Right::Read { "reader_endpoint" } else { "endpoint" };
            let key = if right == Right::Read { "READER_HOST" } else { "HOST" };
            g.settings.push((set(key), at(host)));
            g.settings.push((set("PORT"), Ex::text(d.port().to_string())));
            g.settings.push((set("NAME"), Ex::text(&d.database)));
            g.secrets.push((set("SECRET"), at("secret_arn")));
        }
        Kind::Cache => {
            edge(6379, End::Group(format!("{h}.security_group_id")));
            g.settings.push((set("HOST"), at("primary_endpoint")));
            g.settings.push((set("PORT"), Ex::text("6379")));
        }
        Kind::Stream => {
            edge(9098, End::Group(format!("{h}.security_group_id")));
            g.settings.push((set("BROKERS"), at("bootstrap_brokers")));
            let (topic, group) = (at("topic_arn_pattern"), at("group_arn_pattern"));
            let connect = ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"];
            g.statements.push(statement(&format!("{sid}Connect"), &connect, vec![at("arn_pattern")]));
            if right == Right::Produce {
                let actions =
                    ["kafka-cluster:CreateTopic", "kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"];
                g.statements.push(statement(&sid, &actions, vec![topic]));
            } else {
                let actions = ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"];
                g.statements.push(statement(&sid, &actions, vec![topic]));
                let actions = ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"];
                g.statements.push(statement(&format!("{sid}Group"), &actions, vec![group]));
            }
        }
        Kind::Queue => {
            g.settings.push((set("URL"), at("url")));
            let actions: &[&str] = if right == Right::Send {
                &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"]
            } else {
                &[
                    "sqs:ChangeMessageVisibility",
                    "sqs:DeleteMessage",
                    "sqs:GetQueueAttributes",
                    "sqs:GetQueueUrl",
                    "sqs:ReceiveMessage",
                ]
            };
            g.statements.push(statement(&sid, actions, vec![at("arn")]));
        }
        Kind::Topic => {
            g.settings.push((set("ARN"), at("arn")));
            g.statements.push(statement(&sid, &["sns:Publish"], vec![at("arn")]));
        }
        Kind::Bucket => {
            g.s3 = true;
            // Built from the name: what is known of a bucket before it exists.
            let bucket = w.bucket_name(name);
            let (all, one) = (format!("arn:aws:s3:::{bucket}/*"), format!("arn:aws:s3:::{bucket}"));
            g.settings.push((set("NAME"), Ex::text(bucket)));
            let actions: &[&str] = if right == Right::Read {
                &["s3:GetObject"]
            } else {
                &["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
            };
            g.statements.push(statement(&sid, actions, vec![Ex::text(all)]));
            g.statements.push(statement(&format!("{sid}List"), &["s3:ListBucket"], vec![Ex::text(one)]));
        }
        Kind::Secret => g.secrets.push((set("ARN"), at("arn"))),
        Kind::Mail => {
            g.settings.push((set("IDENTITY"), at("identity_arn")));
            g.statements.push(statement(
                &sid,
                &["ses:SendEmail", "ses:SendRawEmail"],
                vec![at("identity_arn")],
            ));
        }
        Kind::Function => {
            let function = w.name(name);
            g.settings.push((set("NAME"), Ex::text(&function)));
            let arn = w.arn("lambda", &format!("function:{function}"));
            g.statements.push(statement(&sid, &["lambda:InvokeFunction"], vec![arn]));
        }
        Kind::Service => {
            edge(80, End::Group("module.internal_load_balancer.security_group_id".into()));
            g.settings.push((set("URL"), Ex::text(format!("http://{name}.{}", around.internal_zone))));
        }
        _ => {}
    }
}

impl Grants {
    /// Statements that let the client read its secrets itself.
    pub fn read_secrets(&mut self) {
        if self.secrets.is_empty() {
            return;
        }
        let arns = self.secrets.iter().map(|(_, v)| v.clone()).collect();
        self.statements.push(statement("Secrets", &["secretsmanager:GetSecretValue"], arns));
        let secrets = self.secrets.clone();
        self.settings.extend(secrets);
    }
}

/// The names of the settings that `uses` brings.
pub(crate) fn settings_of(uses: &[Use]) -> Vec<String> {
    let mut out = Vec::new();
    for u in uses {
        match &u.target {
            UseTarget::Component { id, right } => {
                let names: &[&str] = match (id.kind, right) {
                    (Kind::Database, Right::Read) => &["READER_HOST", "PORT", "NAME", "SECRET"],
                    (Kind::Database, _) => &["HOST", "PORT", "NAME", "SECRET"],
                    (Kind::Cache, _) => &["HOST", "PORT"],
                    (Kind::Stream, _) => &["BROKERS"],
                    (Kind::Queue | Kind::Service, _) => &["URL"],
                    (Kind::Topic | Kind::Secret, _) => &["ARN"],
                    (Kind::Bucket | Kind::Function, _) => &["NAME"],
                    (Kind::Mail, _) => &["IDENTITY"],
                    _ => &[],
                };
                out.extend(names.iter().map(|n| setting(id.kind, &id.name, n)));
            }
            UseTarget::Elsewhere { environment, service } => {
                out.push(format!("{environment}_{service}_URL").to_ascii_uppercase().replace('-', "_"));
            }
            UseTarget::Internet { .. } => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Manifest;
    use crate::record::{Live, Record};

    /// The names that are foretold are those that come.
    #[test]
    fn settings_are_known_by_name() {
        let dir = tempfile::tempdir().expect("a directory");
        for (name, text) in [
            ("groma.hcl", include_str!("../../tests/everything.groma.hcl")),
            ("functions/thumbnail/index.mjs", ""),
            ("images/app.yml", ""),
            ("containers/api/Dockerfile", ""),
            ("scripts/start.sh", ""),
        ] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, text).expect("written");
        }
        let mut diags = groma_lang::Diagnostics::new();
        let m = Manifest::load(dir.path(), &groma_lang::Sources::new(), &mut diags).expect("it loads");
        let env = m.environment("prod", None).expect("an environment");
        let mut record = Record::default();
        record.environments.insert(env.slug.clone(), Live { name: "prod".into(), ..Live::default() });
        super::super::allocate(&m, &mut record).expect("addresses");
        let backend = |root: &str| super::super::local_backend("states", root);
        let c = super::super::Compiler { manifest: &m, record: &record, backend: &backend };
        let root = c.environment_root(&env).expect("a root module");
        let text: String = root
            .files
            .iter()
            .filter(|(n, _)| n.ends_with(".tf"))
            .map(|(_, b)| String::from_utf8_lossy(b).into_owned())
            .collect();
        let parts = &env.components;
        let all = parts.services.values().map(|s| &s.uses).chain(parts.jobs.values().map(|j| &j.uses));
        let names: Vec<String> = all.flat_map(|u| settings_of(u)).collect();
        assert!(names.len() > 15, "{names:?}");
        for n in names {
            assert!(text.contains(&format!("{n} ")) || text.contains(&format!("{n}=")), "no {n} in\n{text}");
        }
    }
}
