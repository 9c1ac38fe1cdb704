//! What runs: services, functions, jobs.

use super::foundation::{BLOCK, LOG_DAYS};
use super::{Arg, BlockSpec, Default, NameLimit, TEXTS, Text, Type, arg};
use crate::model::{Kind, Right};

const PORTS: Type = Type::Whole(1, 65535);

const USES: Arg = arg(
    "uses",
    Type::List(&Type::Use),
    Default::Says("nothing"),
    "What it may reach; it reaches nothing else. Components of the environment with a right (queue.jobs.send), \
     services of another environment (environment.tools.service.git), and the internet: internet (ports 80 and 443), \
     internet.host[\"api.stripe.com\"], internet.port[\"tcp/25\"].",
    r#"[database.main.write, queue.jobs.send, internet.host["api.stripe.com"]]"#,
);
const SETTINGS: Arg = arg(
    "settings",
    Type::Map(&Type::Scalar),
    Default::Says("those that uses brings"),
    "Settings of its own, which it finds in its environment. What it uses brings its own settings.",
    r#"{ LOG_LEVEL = "info" }"#,
);
const LOGS: Arg =
    arg("log_days", Type::OneOf(LOG_DAYS), Default::Value("30"), "Days for which logs are kept.", "90");
const CPU: Arg = arg(
    "cpu",
    Type::OneOf(&[256, 512, 1024, 2048, 4096, 8192, 16384]),
    Default::Says("256, or the least that goes with memory"),
    "Processor units of a container: 1024 are one processor.",
    "512",
);
const MEMORY: Arg = arg(
    "memory",
    Type::Whole(512, 122_880),
    Default::Says("twice the processor units"),
    "MiB of memory of a container. Fargate has certain pairs of cpu and memory only.",
    "1024",
);
const COMMAND: Arg = arg(
    "command",
    TEXTS,
    Default::Says("the image's own"),
    "What the container runs, word by word.",
    r#"["bin/worker", "--queue=jobs"]"#,
);

pub(super) static SERVICE: BlockSpec = BlockSpec {
    keyword: "service",
    kind: Some(Kind::Service),
    doc: "A program that runs all the time, on instances or in containers, as many as needed.",
    example: r#"service "web" {
  image  = image.app
  host   = "app.levels.example"
  health = "/healthz"
  scale  = { min = 2, max = 8, cpu = 60 }
  uses   = [database.main.write, queue.jobs.send]
}"#,
    args: &[
        arg(
            "image",
            Type::Block(&["image"]),
            Default::Required,
            "What it runs.",
            "image.app",
        ),
        arg(
            "run",
            Type::Choice(&["instances", "fargate", "containers"]),
            Default::Says("instances for a machine image, fargate for a container image"),
            "How it runs: on instances of its own, in containers on Fargate, or in containers on instances of the \
             environment.",
            r#""fargate""#,
        )
        .near(&["launch", "type", "platform"]),
        arg(
            "size",
            Type::Text(Text::InstanceType),
            Default::Says("t4g.small; t3.small for x86_64"),
            "The instance type, for instances.",
            r#""m7g.large""#,
        )
        .near(&["instance_type", "instance"]),
        CPU,
        MEMORY,
        COMMAND,
        arg(
            "host",
            Type::Either(&[Type::Text(Text::Host), Type::List(&Type::Text(Text::Host))]),
            Default::Says("it is not reached from the internet"),
            "The public host name, or several. It gets HTTPS with a certificate.",
            r#""app.levels.example""#,
        )
        .near(&["hosts", "hostname", "domain", "url"]),
        arg(
            "path",
            Type::Either(&[Type::Text(Text::UrlPath), Type::List(&Type::Text(Text::UrlPath))]),
            Default::Says("all"),
            "The paths that it serves on its hosts; a * at the end takes what follows.",
            r#"["/api/*"]"#,
        )
        .near(&["paths"]),
        arg(
            "port",
            PORTS,
            Default::Says("8080 if it has a host or is used by others, otherwise none"),
            "The port that it listens on.",
            "8080",
        ),
        arg(
            "health",
            Type::Text(Text::HealthPath),
            Default::Value("/"),
            "The path that answers 200 when it is healthy.",
            r#""/healthz""#,
        )
        .near(&["health_check", "healthcheck"]),
        arg(
            "scale",
            Type::Either(&[Type::Whole(0, 1000), Type::Object(SCALE)]),
            Default::Says("one"),
            "How many of it run: a number, or a range with what it follows.",
            "{ min = 2, max = 8, cpu = 60 }",
        )
        .near(&["count", "replicas", "instances", "min", "max"]),
        USES,
        SETTINGS,
        arg(
            "idle",
            Type::Whole(1, 4000),
            Default::Value("60"),
            "Seconds that an idle connection stays open at the load balancer. Websockets want more. The services of \
             one load balancer get the longest of their times.",
            "3600",
        )
        .near(&["idle_timeout"]),
        arg(
            "drain",
            Type::Whole(0, 3600),
            Default::Value("30"),
            "Seconds that connections have to finish when one of it is taken out.",
            "300",
        ),
        arg(
            "sticky",
            Type::Bool,
            Default::Value("false"),
            "Whether a client stays with one of it.",
            "true",
        ),
        arg(
            "volume",
            Type::Whole(8, 16_384),
            Default::Value("20"),
            "GiB of the root volume, for instances.",
            "50",
        )
        .near(&["disk"]),
        arg(
            "spot",
            Type::Bool,
            Default::Value("false"),
            "Whether spare capacity may be used, which is cheap and which AWS can take back.",
            "true",
        ),
        arg(
            "script",
            Type::Text(Text::File),
            Default::Says("none"),
            "A script that instances run at their first start.",
            r#""scripts/start.sh""#,
        )
        .near(&["user_data"]),
        arg(
            "edge",
            Type::Block(&["edge"]),
            Default::Says("none"),
            "The edge in front of it.",
            "edge.cloudflare",
        ),
        LOGS,
    ],
    rights: &[Right::Connect],
    default_right: Some(Right::Connect),
    attributes: &[
        ("role_arn", "the ARN of the role that it runs as"),
        ("security_group_id", "the id of its security group"),
        ("log_group_name", "the name of its log group"),
    ],
    // The longest name that is made of it is that of an IAM role.
    limit: Some(NameLimit { most: 64, added: 10, what: "IAM role" }),
    ..BLOCK
};

const SCALE: &[Arg] = &[
    arg("min", Type::Whole(0, 1000), Default::Value("1"), "At least so many run.", "2").near(&["minimum"]),
    arg("max", Type::Whole(1, 1000), Default::Says("the same as min"), "At most so many run.", "8")
        .near(&["maximum"]),
    arg(
        "cpu",
        Type::Whole(10, 95),
        Default::Says("it is not looked at"),
        "The average use of the processors to keep, in percent.",
        "60",
    ),
    arg(
        "requests",
        Type::Whole(1, 1_000_000),
        Default::Says("they are not looked at"),
        "Requests a minute for each, to keep, where it has a host or others use it.",
        "1000",
    ),
    arg(
        "backlog",
        Type::Block(&["queue"]),
        Default::Says("none is looked at"),
        "The queue whose backlog is to be kept short. The service must receive from it.",
        "queue.jobs",
    )
    .near(&["queue"]),
    arg(
        "each",
        Type::Whole(1, 1_000_000),
        Default::Value("100"),
        "With backlog: messages that may wait for each one that runs.",
        "20",
    ),
];

pub(super) static FUNCTION: BlockSpec = BlockSpec {
    keyword: "function",
    kind: Some(Kind::Function),
    doc: "A Lambda function: code that runs when something happens.",
    example: r#"function "thumbnail" {
  code = "functions/thumbnail"
  on   = bucket.uploads.created
  uses = [bucket.uploads.read, bucket.media.write]
}"#,
    args: &[
        arg(
            "code",
            Type::Text(Text::Code),
            Default::Required,
            "The directory of its code, or a file of it, relative to the manifest.",
            r#""functions/thumbnail""#,
        )
        .near(&["source", "dir", "directory", "package"]),
        arg(
            "runtime",
            Type::Choice(&[
                "nodejs22.x",
                "nodejs20.x",
                "python3.13",
                "python3.12",
                "python3.11",
                "java21",
                "java17",
                "ruby3.3",
                "ruby3.4",
                "dotnet8",
                "provided.al2023",
            ]),
            Default::Value("nodejs22.x"),
            "The language and its version.",
            r#""python3.13""#,
        ),
        arg(
            "handler",
            Type::Text(Text::Any),
            Default::Says("index.handler; main.handler for Python"),
            "What is called.",
            r#""app.handle""#,
        ),
        arg("memory", Type::Whole(128, 10_240), Default::Value("256"), "MiB of memory.", "1024"),
        arg("timeout", Type::Whole(1, 900), Default::Value("30"), "Seconds that it may take.", "120"),
        arg(
            "on",
            Type::Either(&[Type::Trigger, Type::List(&Type::Trigger)]),
            Default::Says("it is started by those who use it"),
            "What starts it, or a list: objects in a bucket, messages of a queue or topic, times.",
            "bucket.uploads.created",
        )
        .near(&["trigger", "triggers", "event", "events"]),
        USES,
        SETTINGS,
        LOGS,
    ],
    rights: &[Right::Invoke],
    default_right: Some(Right::Invoke),
    attributes: &[
        ("arn", "its ARN"),
        ("name", "its name in AWS"),
        ("role_arn", "the ARN of the role that it runs as"),
        ("log_group_name", "the name of its log group"),
    ],
    limit: Some(NameLimit { most: 64, added: 0, what: "Lambda function" }),
    ..BLOCK
};

pub(super) static JOB: BlockSpec = BlockSpec {
    keyword: "job",
    kind: Some(Kind::Job),
    doc: "A container that runs at certain times and ends.",
    example: r#"job "report" {
  schedule = "cron(0 6 * * ? *)"
  image    = image.report
  uses     = [database.main.read, bucket.reports.write]
}"#,
    args: &[
        arg(
            "schedule",
            Type::Text(Text::Schedule),
            Default::Required,
            "When it runs, in the platform's time zone.",
            r#""cron(0 6 * * ? *)""#,
        ),
        arg(
            "image",
            Type::Block(&["image"]),
            Default::Required,
            "What it runs: a container image.",
            "image.report",
        ),
        CPU,
        MEMORY,
        COMMAND,
        USES,
        SETTINGS,
        LOGS,
    ],
    attributes: &[
        ("role_arn", "the ARN of the role that it runs as"),
        ("security_group_id", "the id of its security group"),
    ],
    limit: Some(NameLimit { most: 64, added: 10, what: "IAM role" }),
    ..BLOCK
};
