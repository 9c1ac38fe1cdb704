//! What keeps data or passes it on.

use super::foundation::BLOCK;
use super::{Arg, BlockSpec, Default, NameLimit, Text, Type, arg};
use crate::manifest::facts;
use crate::model::{Kind, Right};

pub(super) static DATABASE: BlockSpec = BlockSpec {
    keyword: "database",
    kind: Some(Kind::Database),
    doc: "A relational database that only those who use it reach: encrypted, backed up, its password in Secrets Manager.",
    example: r#"database "main" {
  engine  = "aurora-mysql-8.0"
  size    = "db.r7g.large"
  readers = 1
}"#,
    args: &[
        arg(
            "engine",
            Type::Choice(facts::ENGINES),
            Default::Required,
            "The engine and its version.",
            r#""aurora-mysql-8.0""#,
        ),
        arg(
            "size",
            Type::Text(Text::DatabaseClass),
            Default::Says("db.t4g.medium"),
            "The instance class. The size of an environment makes it smaller.",
            r#""db.r7g.large""#,
        )
        .near(&["class", "instance_class", "instance_type"]),
        arg(
            "readers",
            Type::Whole(0, 15),
            Default::Value("0"),
            "Readers besides the writer, one of which takes over when it fails. Aurora only.",
            "1",
        )
        .near(&["replicas"]),
        arg(
            "database",
            Type::Text(Text::DatabaseName),
            Default::Value("app"),
            "The name of the database in it.",
            r#""shop""#,
        )
        .near(&["name", "db_name"]),
        arg(
            "storage",
            Type::Whole(20, 65_536),
            Default::Value("20"),
            "GiB of storage. Not for Aurora, which grows by itself.",
            "100",
        )
        .near(&["disk", "volume"]),
        arg(
            "serverless",
            Type::Object(SERVERLESS),
            Default::Says("instances of a class"),
            "Aurora capacity units that follow the load, in place of size.",
            "{ min = 0.5, max = 8 }",
        ),
        arg(
            "backup_days",
            Type::Whole(1, 35),
            Default::Value("7"),
            "Days that can be gone back, to any second.",
            "14",
        ),
        arg(
            "parameters",
            Type::Map(&Type::Scalar),
            Default::Says("the engine's own; TLS is required"),
            "Engine parameters.",
            r#"{ max_connections = 500 }"#,
        ),
        arg(
            "restore",
            Type::Text(Text::Snapshot),
            Default::Says("it begins empty"),
            "The snapshot that it begins with.",
            r#""levels-prod-main-final""#,
        )
        .near(&["snapshot"]),
    ],
    rights: &[Right::Read, Right::Write],
    default_right: Some(Right::Write),
    attributes: &[
        ("endpoint", "the host name of the writer"),
        ("reader_endpoint", "the host name of the readers"),
        ("port", "its port"),
        ("database", "the name of the database in it"),
        ("username", "the name of the first user"),
        ("secret_arn", "the ARN of the secret with the first user's password"),
        ("arn", "its ARN"),
        ("identifier", "its identifier"),
        ("security_group_id", "the id of its security group"),
    ],
    limit: Some(NameLimit { most: 63, added: 13, what: "database" }),
    ..BLOCK
};

const SERVERLESS: &[Arg] = &[
    arg("min", Type::Number(0.0, 256.0), Default::Value("0.5"), "The least, in steps of 0.5.", "0.5"),
    arg("max", Type::Number(1.0, 256.0), Default::Required, "The most, in steps of 0.5.", "8"),
];

pub(super) static CACHE: BlockSpec = BlockSpec {
    keyword: "cache",
    kind: Some(Kind::Cache),
    doc: "A Redis or Valkey cache that only those who use it reach, with TLS.",
    example: r#"cache "sessions" {
  size     = "cache.r7g.large"
  replicas = 2
}"#,
    args: &[
        arg(
            "engine",
            Type::Choice(&["valkey-8.0", "valkey-7.2", "redis-7.1", "redis-7.0", "redis-6.2"]),
            Default::Value("valkey-8.0"),
            "The engine and its version.",
            r#""redis-7.1""#,
        ),
        arg(
            "size",
            Type::Text(Text::CacheNode),
            Default::Value("cache.t4g.micro"),
            "The node type. The size of an environment makes it smaller.",
            r#""cache.r7g.large""#,
        )
        .near(&["node_type", "node", "instance_type"]),
        arg(
            "replicas",
            Type::Whole(0, 5),
            Default::Value("1"),
            "Copies of each shard, one of which takes over when it fails.",
            "2",
        )
        .near(&["readers"]),
        arg(
            "shards",
            Type::Whole(0, 500),
            Default::Value("0"),
            "Parts of the data (cluster mode); 0 for no parts.",
            "3",
        ),
        arg(
            "backup_days",
            Type::Whole(0, 35),
            Default::Value("1"),
            "Days for which a daily snapshot is kept; 0 for none.",
            "7",
        ),
    ],
    rights: &[Right::Connect],
    default_right: Some(Right::Connect),
    attributes: &[
        ("endpoint", "the host name of the primary"),
        ("reader_endpoint", "the host name of the copies"),
        ("port", "its port"),
        ("arn", "its ARN"),
        ("security_group_id", "the id of its security group"),
    ],
    limit: Some(NameLimit { most: 40, added: 0, what: "replication group" }),
    ..BLOCK
};

pub(super) static QUEUE: BlockSpec = BlockSpec {
    keyword: "queue",
    kind: Some(Kind::Queue),
    doc: "An SQS queue, with a dead-letter queue for messages that nobody could handle.",
    example: r#"queue "jobs" {
  visibility = 120
}"#,
    args: &[
        arg(
            "fifo",
            Type::Bool,
            Default::Value("false"),
            "Whether messages keep their order and come once.",
            "true",
        ),
        arg(
            "visibility",
            Type::Whole(0, 43_200),
            Default::Value("60"),
            "Seconds that a received message is hidden from others: the longest time that handling it takes.",
            "120",
        )
        .near(&["timeout", "visibility_timeout"]),
        arg(
            "retention_days",
            Type::Whole(1, 14),
            Default::Value("4"),
            "Days after which a message that nobody received is lost.",
            "14",
        )
        .near(&["retention", "keep"]),
        arg(
            "retries",
            Type::Whole(1, 1000),
            Default::Value("5"),
            "Times that a message is received before it goes to the dead-letter queue.",
            "3",
        ),
    ],
    rights: &[Right::Send, Right::Receive],
    attributes: &[
        ("url", "its URL"),
        ("arn", "its ARN"),
        ("name", "its name in AWS"),
        ("dead_letter_arn", "the ARN of its dead-letter queue"),
    ],
    limit: Some(NameLimit { most: 80, added: 10, what: "queue" }),
    ..BLOCK
};

pub(super) static TOPIC: BlockSpec = BlockSpec {
    keyword: "topic",
    kind: Some(Kind::Topic),
    doc: "An SNS topic: what is published goes to all who subscribed.",
    example: r#"topic "orders" {
  to = [queue.billing, "email:orders@levels.example"]
}"#,
    args: &[
        arg(
            "fifo",
            Type::Bool,
            Default::Value("false"),
            "Whether notifications keep their order and come once.",
            "true",
        ),
        arg(
            "to",
            Type::List(&Type::Either(&[Type::Block(&["queue"]), Type::Text(Text::Subscriber)])),
            Default::Says("functions with on = topic.NAME"),
            "Who gets the notifications: queues, mail addresses, HTTPS addresses. Functions say it themselves.",
            r#"[queue.billing, "email:orders@levels.example"]"#,
        )
        .near(&["subscribers", "subscriptions"]),
    ],
    rights: &[Right::Publish],
    default_right: Some(Right::Publish),
    attributes: &[("arn", "its ARN"), ("name", "its name in AWS")],
    limit: Some(NameLimit { most: 256, added: 5, what: "topic" }),
    ..BLOCK
};

pub(super) static STREAM: BlockSpec = BlockSpec {
    keyword: "stream",
    kind: Some(Kind::Stream),
    doc: "A Kafka cluster (MSK), reached with TLS and IAM.",
    example: r#"stream "events" {
  size = "kafka.m7g.large"
}"#,
    args: &[
        arg(
            "version",
            Type::Choice(&["3.6.0", "3.7.x", "3.8.x", "3.5.1"]),
            Default::Value("3.6.0"),
            "The version of Kafka.",
            r#""3.7.x""#,
        ),
        arg(
            "brokers",
            Type::Whole(1, 10),
            Default::Value("1"),
            "Brokers in each zone. The network must have two or more zones.",
            "2",
        )
        .near(&["brokers_per_zone"]),
        arg(
            "size",
            Type::Text(Text::BrokerType),
            Default::Value("kafka.t3.small"),
            "The type of a broker.",
            r#""kafka.m7g.large""#,
        )
        .near(&["instance", "instance_type"]),
        arg(
            "storage",
            Type::Whole(1, 16_384),
            Default::Value("100"),
            "GiB of storage of each broker.",
            "500",
        ),
    ],
    rights: &[Right::Produce, Right::Consume],
    attributes: &[
        ("brokers", "where clients connect first"),
        ("arn", "its ARN"),
        ("security_group_id", "the id of its security group"),
    ],
    limit: Some(NameLimit { most: 64, added: 0, what: "Kafka cluster" }),
    ..BLOCK
};

pub(super) static BUCKET: BlockSpec = BlockSpec {
    keyword: "bucket",
    kind: Some(Kind::Bucket),
    doc: "An S3 bucket: encrypted, not public, versioned.",
    example: r#"bucket "media" {
  cdn = "media.levels.example"
}"#,
    args: &[
        arg(
            "versions",
            Type::Bool,
            Default::Value("true"),
            "Whether what was overwritten or removed is kept for 30 days.",
            "false",
        )
        .near(&["versioned", "versioning"]),
        arg(
            "expire_days",
            Type::Whole(0, 36_500),
            Default::Value("0"),
            "Days after which objects are removed; 0 for never.",
            "90",
        )
        .near(&["expire", "expiration"]),
        arg(
            "cdn",
            Type::Text(Text::Host),
            Default::Says("it has none"),
            "The host name of a CDN (CloudFront) that makes it public.",
            r#""media.levels.example""#,
        )
        .near(&["host", "cloudfront", "domain"]),
        arg(
            "copy",
            Type::Block(&["bucket"]),
            Default::Says("none"),
            "The bucket that gets a copy of each object. Both keep versions.",
            "bucket.backup",
        )
        .near(&["replica", "backup"]),
        arg(
            "cors",
            Type::List(&Type::Text(Text::Origin)),
            Default::Says("none"),
            "Origins whose pages may use it from the browser.",
            r#"["https://app.levels.example"]"#,
        ),
        arg(
            "edge",
            Type::Block(&["edge"]),
            Default::Says("none"),
            "The edge in front of its CDN, of kind \"waf\".",
            "edge.firewall",
        ),
    ],
    rights: &[Right::Read, Right::Write],
    attributes: &[
        ("name", "its name in AWS"),
        ("arn", "its ARN"),
        ("regional_domain_name", "its host name within its region"),
    ],
    // The account's number follows, because names of buckets are unique in the world.
    limit: Some(NameLimit { most: 63, added: 13, what: "bucket" }),
    ..BLOCK
};

pub(super) static SECRET: BlockSpec = BlockSpec {
    keyword: "secret",
    kind: Some(Kind::Secret),
    doc: "A secret in Secrets Manager. Its value is put in by people, never by the manifest.",
    example: r#"secret "app" {
  description = "Keys of the payment provider"
}"#,
    args: &[arg(
        "description",
        Type::Text(Text::Any),
        Default::Value(""),
        "What it is, for those who put its value in.",
        r#""Keys of the payment provider""#,
    )],
    rights: &[Right::Read],
    default_right: Some(Right::Read),
    attributes: &[("arn", "its ARN"), ("name", "its name in AWS")],
    limit: Some(NameLimit { most: 512, added: 0, what: "secret" }),
    ..BLOCK
};

pub(super) static MAIL: BlockSpec = BlockSpec {
    keyword: "mail",
    kind: Some(Kind::Mail),
    doc: "A domain from which mail is sent (SES), with DKIM, SPF and DMARC.",
    example: r#"mail "notices" {
  domain = "mail.levels.example"
}"#,
    args: &[arg(
        "domain",
        Type::Text(Text::Host),
        Default::Required,
        "The domain of the senders' addresses. In an environment that is like another it gets the name put in, as \
         hosts do.",
        r#""mail.levels.example""#,
    )
    .near(&["host"])],
    rights: &[Right::Send],
    default_right: Some(Right::Send),
    attributes: &[
        ("identity_arn", "the ARN of the identity"),
        ("configuration_set", "the name of the configuration set"),
    ],
    limit: Some(NameLimit { most: 64, added: 0, what: "configuration set" }),
    ..BLOCK
};
