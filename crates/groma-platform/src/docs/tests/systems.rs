//! The five systems for which the platform is made, as scenes.

use super::super::Caller;
use super::build::World;
use crate::model::*;

pub(super) fn all() -> Vec<(&'static str, World)> {
    vec![
        ("simplemining-prod", simplemining()),
        ("simplemining-dev-parked", simplemining_dev()),
        ("blockchain-prod", blockchain()),
        ("exchange-staging", exchange()),
        ("dealtrak-live", dealtrak()),
        ("levels-prod", levels()),
        ("levels-staging", levels_staging()),
    ]
}

fn simplemining_parts(w: &mut World, domain: &str) {
    w.edge("cloudflare", EdgeKind::Cloudflare);
    let web = format!("app.{domain}");
    let ws = format!("ws.{domain}");
    let s = w.service(
        "web",
        &[&web],
        (4, 40),
        &[
            "database.main.write",
            "database.main.read",
            "cache.sessions",
            "topic.events.publish",
            "secret.app",
            "mail.mail",
            "queue.jobs.send",
        ],
    );
    s.edge = Some("cloudflare".into());
    s.scale.cpu = Some(55);
    s.instance = "c7g.large".into();
    let s = w.service("sockets", &[&ws], (2, 20), &["database.main.read", "cache.sessions", "secret.app"]);
    s.edge = Some("cloudflare".into());
    s.idle = 3600;
    s.drain = 300;
    s.port = Some(3000);
    let s = w.service(
        "worker",
        &[],
        (1, 10),
        &["database.main.write", "queue.jobs.receive", "mail.mail", "internet:pool.api.example"],
    );
    s.scale.backlog = Some("jobs".into());
    w.database("main", "aurora-mysql-8.0", "db.r7g.xlarge", 2);
    w.cache("sessions", "valkey-8.0", 1, 0);
    w.queue("jobs");
    w.topic(
        "events",
        vec![Subscriber::Email("ops@simplemining.example".into()), Subscriber::Queue("jobs".into())],
    );
    w.secret("app");
    w.mail("simplemining.example");
    w.alarm("ops@simplemining.example");
    w.access("staff", &["198.51.100.0/24"], &["database.main.read", "service.web"]);
    w.nat = 3;
    w.endpoints =
        vec!["ssm", "ssmmessages", "ec2messages", "logs", "sqs", "sns", "secretsmanager", "email-smtp"];
    for s in ["web", "sockets"] {
        w.callers.push(Caller { environment: "tools".into(), from: "monitoring".into(), service: s.into() });
    }
}

fn simplemining() -> World {
    let mut w = World::new("simplemining", "prod", ("production", "222222222222"));
    w.env.protect = true;
    simplemining_parts(&mut w, "simplemining.example");
    w
}

fn simplemining_dev() -> World {
    let mut w = World::new("simplemining", "dev", ("development", "111111111111"));
    w.env.network = NetworkRef::Own;
    w.env.like = Some("prod".into());
    w.env.size = 0.1;
    w.address = "10.3.0.0/16";
    w.env.park = Some(Schedule { text: "Mon-Fri 20:00-07:00, Sat-Sun".into(), stop: vec![], start: vec![] });
    w.env.park_load_balancer = true;
    w.parked = true;
    simplemining_parts(&mut w, "dev.simplemining.example");
    w
}

fn blockchain() -> World {
    let mut w = World::new("blockchain", "prod", ("main", "333333333333"));
    w.env.network = NetworkRef::Own;
    w.service("web", &["www.blockchain.example"], (2, 6), &["database.main.write", "service.api"])
        .scale
        .cpu = Some(60);
    let s = w.service("api", &["api.blockchain.example"], (2, 6), &["database.main.write"]);
    s.port = Some(3000);
    w.service("miner", &[], (1, 1), &["internet"]);
    w.database("main", "mysql-8.0", "db.t4g.medium", 0);
    w.access("engineers", &[], &["database.main.read", "service.api"]);
    w.nat = 1;
    w
}

fn exchange() -> World {
    let mut w = World::new("exchange", "staging-anna", ("trading-staging", "444444444444"));
    w.env.network = NetworkRef::Named("staging".into());
    w.network.firewall = Some(vec!["api.kraken.example".into()]);
    w.env.like = Some("prod".into());
    w.env.size = 0.25;
    w.env.ttl = Some(259_200);
    w.address = "10.20.0.0/16";
    w.neighbours = vec!["staging-ben", "staging-carla", "staging-dmitri", "staging-with-a-name"];
    w.edge("front", EdgeKind::Cloudfront);
    w.edge("assets", EdgeKind::Waf);
    let c = w.containers(
        "gateway",
        Run::Fargate,
        &["api.anna.staging.exchange.example", "ws.anna.staging.exchange.example"],
        (2, 6),
        &["service.matching", "service.accounts", "cache.rates", "stream.trades.consume", "secret.gateway"],
    );
    c.edge = Some("front".into());
    c.scale.requests = Some(3000);
    let c = w.containers(
        "frontend",
        Run::Containers,
        &["anna.staging.exchange.example"],
        (1, 3),
        &["service.gateway", "bucket.assets.read"],
    );
    c.edge = Some("front".into());
    let m = w.service(
        "matching",
        &[],
        (1, 2),
        &["stream.trades.produce", "stream.orders.consume", "database.ledger.write", "secret.matching"],
    );
    m.instance = "c7g.xlarge".into();
    m.port = Some(9000);
    let a = w.containers(
        "accounts",
        Run::Containers,
        &[],
        (1, 4),
        &[
            "database.ledger.write",
            "database.ledger.read",
            "stream.trades.consume",
            "queue.payouts.send",
            "topic.account-events.publish",
            "secret.accounts",
            "bucket.documents.write",
        ],
    );
    a.port = Some(8080);
    w.containers(
        "settlement",
        Run::Containers,
        &[],
        (1, 2),
        &["queue.payouts.receive", "database.ledger.write", "secret.bank", "internet:api.bank.example"],
    );
    w.containers(
        "market-data",
        Run::Containers,
        &[],
        (1, 2),
        &["stream.trades.produce", "cache.rates", "internet:api.kraken.example"],
    );
    w.function(
        "statements",
        vec![Trigger::Schedule("cron(0 4 1 * ? *)".into())],
        &["database.ledger.read", "bucket.documents.write"],
    );
    w.function("notify", vec![Trigger::Topic("account-events".into())], &["mail.mail"]);
    w.job("reconcile", "rate(1 hour)", &["database.ledger.read", "secret.bank", "internet:api.bank.example"]);
    w.database("ledger", "aurora-postgresql-16", "db.r7g.large", 1);
    w.cache("rates", "redis-7.1", 1, 2);
    w.stream("trades");
    w.stream("orders");
    w.queue("payouts");
    w.topic("account-events", vec![]);
    w.bucket("assets", Some("static.anna.staging.exchange.example"), None).edge = Some("assets".into());
    w.bucket("documents", None, None);
    for s in ["gateway", "matching", "accounts", "bank"] {
        w.secret(s);
    }
    w.mail("exchange.example");
    w.access("developers", &[], &["database.ledger.write", "service.gateway"]);
    w.role("deployer", "github:exchange/platform", &["bucket.assets.write"]);
    w.nat = 1;
    w
}

fn dealtrak() -> World {
    let mut w = World::new("dealtrak", "live", ("main", "555555555555"));
    w.env.protect = true;
    w.network.zones = 2;
    w.address = "10.8.0.0/16";
    w.containers(
        "web",
        Run::Containers,
        &["www.dealtrak.example"],
        (3, 9),
        &[
            "database.main.write",
            "cache.sessions",
            "queue.proposals.send",
            "bucket.documents.write",
            "secret.app",
            "service.lenders",
        ],
    );
    let s = w.containers(
        "lenders",
        Run::Fargate,
        &[],
        (2, 6),
        &[
            "queue.proposals.receive",
            "database.main.write",
            "secret.lenders",
            "internet:gateway.lender.example",
        ],
    );
    s.port = Some(8080);
    s.scale.backlog = Some("proposals".into());
    w.containers("smtp", Run::Fargate, &[], (1, 1), &["internet:port:25", "mail.mail"]);
    w.job("reports", "cron(0 5 * * ? *)", &["database.main.read", "bucket.documents.write"]);
    w.database("main", "aurora-mysql-8.0", "db.r6g.large", 1);
    w.cache("sessions", "redis-7.1", 1, 3);
    w.queue("proposals");
    w.bucket("documents", None, Some("archive"));
    w.bucket("archive", None, None);
    w.secret("app");
    w.secret("lenders");
    w.mail("dealtrak.example");
    w.alarm("oncall@dealtrak.example");
    w.vpn("datacentre", &["database.main.write", "service.lenders"]);
    w.access("engineers", &["198.51.100.7/32"], &["database.main.write"]);
    w.role("pipeline", "github:dealtrak/app", &["bucket.archive.read"]);
    w.nat = 2;
    w
}

fn levels_parts(w: &mut World, d: &str) {
    w.env.slug = w.env.name.clone();
    let s = w.service(
        "api",
        &[&format!("api.{d}")],
        (2, 8),
        &[
            "database.main.write",
            "database.main.read",
            "queue.jobs.send",
            "bucket.uploads.write",
            "bucket.config.read",
            "secret.app",
        ],
    );
    s.scale.cpu = Some(60);
    let s = w.service(
        "worker",
        &[],
        (1, 10),
        &[
            "database.main.write",
            "queue.jobs.receive",
            "bucket.media.write",
            "secret.app",
            "secret.payments",
            "internet:api.stripe.com",
        ],
    );
    s.scale.backlog = Some("jobs".into());
    w.function(
        "thumbnail",
        vec![Trigger::Created("uploads".into())],
        &["bucket.uploads.read", "bucket.media.write"],
    );
    w.database("main", "aurora-mysql-8.0", "db.r7g.large", 1);
    w.queue("jobs");
    w.bucket("uploads", None, Some("backup"));
    w.bucket("backup", None, None);
    w.bucket("media", Some(&format!("media.{d}")), None);
    w.bucket("web", Some(&format!("www.{d}")), None);
    w.bucket("config", None, None);
    w.bucket("bundles", None, None).expire_days = 90;
    w.secret("app");
    w.secret("payments");
    w.access("engineers", &["198.51.100.0/28"], &["database.main.read", "service.api"]);
    w.role("deployer", "github:levels/app", &["bucket.bundles.write", "bucket.web.write"]);
}

fn levels() -> World {
    let mut w = World::new("levels", "prod", ("main", "111111111111"));
    w.env.protect = true;
    w.network.zones = 4;
    levels_parts(&mut w, "levels.example");
    w.nat = 4;
    w
}

fn levels_staging() -> World {
    let mut w = World::new("levels", "staging", ("main", "111111111111"));
    w.env.network = NetworkRef::Named("shared".into());
    w.network.name = "shared".into();
    w.network.shares_load_balancer = true;
    w.network.shares.insert(ComponentId { kind: Kind::Database, name: "main".into() });
    w.env.like = Some("prod".into());
    w.env.size = 0.25;
    w.env.park = Some(Schedule { text: "Mon-Fri 20:00-07:00, Sat-Sun".into(), stop: vec![], start: vec![] });
    w.address = "10.1.0.0/16";
    w.neighbours = vec!["dev", "qa", "branch-fix-login"];
    levels_parts(&mut w, "staging.levels.example");
    w.nat = 1;
    w
}
