# Every argument that there is.

platform "all" {
  region = "eu-west-1"
  accounts = {
    main  = "111111111111"
    tools = { id = "222222222222", profile = "tools", role = "arn:aws:iam::222222222222:role/groma" }
  }
  state     = { url = "s3://all-state/groma", region = "eu-west-2" }
  domain    = "all.example"
  time_zone = "Europe/London"
  tags      = { owner = "us" }
  addresses = "10.0.0.0/8"
}

network "main" {
  account   = "main"
  region    = "eu-west-1"
  zones     = 2
  cidr      = "10.10.0.0/16"
  nat       = "single"
  share     = [cache.sessions, load_balancer]
  peers     = [network.tools]
  firewall  = [".amazonaws.com"]
  accounts  = ["tools"]
  flow_logs = 30
  ipv6      = true
  endpoints = ["kms"]
}
network "tools" { cidr = "10.20.0.0/16" }

environment "prod" {
  network = network.main
  account = "main"
  region  = "eu-west-1"
  protect = true
}
environment "tools" {
  network = network.tools
  like    = environment.prod
}
environment "qa" {
  like               = environment.prod
  network            = null
  size               = 0.5
  park               = "Sat-Sun"
  park_load_balancer = true
  hosts              = { web = "qa.all.example", media = "qa-media.all.example" }
  zones              = 3
  cidr               = "10.30.0.0/16"
  nat                = "zonal"
  service "web" {
    uses = []
  }
}
environment "branch" {
  like = environment.qa
  each = "branch"
  ttl  = "72h"
}

image "app" {
  from         = "ami-0123456789abcdef0"
  architecture = "arm64"
  setup        = ["images/app.yml"]
}
image "api" { build = "containers/api" }
image "proxy" { uri = "docker.io/library/nginx:1.27" }

service "web" {
  image    = image.app
  run      = "instances"
  size     = "m7g.large"
  host     = ["app.all.example", "www.all.example"]
  path     = "/app/*"
  port     = 8000
  health   = "/healthz"
  scale    = { min = 2, max = 8, cpu = 60, requests = 1000 }
  uses     = [database.main.read, environment.tools.service.git]
  settings = { LEVEL = "info" }
  idle     = 120
  drain    = 60
  sticky   = true
  volume   = 50
  spot     = true
  script   = "scripts/start.sh"
  edge     = edge.front
  log_days = 90
  except   = [environment.tools]
}
service "worker" {
  image   = image.api
  cpu     = 512
  memory  = 1024
  command = ["bin/worker"]
  scale   = { min = 1, max = 10, backlog = queue.jobs, each = 20 }
  uses    = [queue.jobs.receive, stream.events.consume, secret.app, mail.notices, topic.orders.publish, service.git]
}
service "git" {
  image = image.proxy
  host  = "git.all.example"
}
function "thumbnail" {
  code     = "functions/thumbnail"
  runtime  = "python3.13"
  handler  = "main.handle"
  memory   = 512
  timeout  = 60
  on       = [bucket.uploads.created, queue.small, topic.orders, schedule["rate(5 minutes)"]]
  uses     = [bucket.uploads.read]
  settings = { SIZE = 200 }
  log_days = 14
}
job "report" {
  schedule = "cron(0 6 * * ? *)"
  image    = image.api
  cpu      = 1024
  memory   = 4096
  command  = ["bin/report"]
  uses     = [database.main.read, function.thumbnail, cache.sessions]
  settings = { FORMAT = "csv" }
  log_days = 14
}

database "main" {
  engine      = "aurora-postgresql-16"
  size        = "db.r7g.large"
  readers     = 1
  database    = "shop"
  backup_days = 14
  parameters  = { log_statement = "ddl" }
  restore     = "all-prod-main-final"
}
database "old" {
  engine  = "mysql-8.0"
  storage = 100
}
database "elastic" {
  engine     = "aurora-mysql-8.0"
  serverless = { min = 0.5, max = 8 }
}
cache "sessions" {
  engine      = "redis-7.1"
  size        = "cache.r7g.large"
  replicas    = 2
  shards      = 3
  backup_days = 7
}
queue "jobs" {
  visibility     = 120
  retention_days = 14
  retries        = 3
}
queue "small" { visibility = 360 }
queue "ordered" { fifo = true }
topic "orders" { to = [queue.small, "email:orders@all.example", "https://all.example/orders"] }
topic "ordered" {
  fifo = true
  to   = [queue.ordered]
}
stream "events" {
  version = "3.7.x"
  brokers = 2
  size    = "kafka.m7g.large"
  storage = 500
}
bucket "uploads" { copy = bucket.backup }
bucket "backup" { expire_days = 365 }
bucket "media" {
  cdn  = "media.all.example"
  cors = ["https://app.all.example"]
  edge = edge.shield
}
bucket "scratch" { versions = false }
secret "app" { description = "Keys" }
mail "notices" { domain = "mail.all.example" }

access "engineers" {
  group  = "sso:engineers"
  tunnel = [database.main.read, service.web]
  allow  = ["198.51.100.0/24"]
  ttl    = "4h"
  except = [environment.tools]
}
role "deploy" {
  trusted = ["github:all/app", "account:tools"]
  uses    = [bucket.media.write]
  may     = ["deploy", "scale"]
}
edge "front" {
  kind  = "waf"
  rate  = 1000
  allow = ["198.51.100.0/24"]
}
edge "shield" { kind = "cloudfront" }
vpn "office" {
  only    = [environment.prod]
  peer    = "203.0.113.10"
  cidrs   = ["192.168.0.0/24"]
  asn     = 65010
  reaches = [service.git]
}
alarm "us" { emails = ["ops@all.example"] }
module "search" {
  source  = "example/search/aws"
  version = "~> 1.0"
  inputs = {
    vpc_id = network.vpc_id
    queue  = queue.jobs.arn
    slug   = environment.slug
    sizes  = [1, 2, { a = "x" }]
  }
}

prove "isolation" {
  never  = ["tools -> prod.database.main", "branch -> branch.other", "internet -> database.*"]
  always = ["internet -> prod.service.web"]
}
organization "all" {
  accounts   = { data = { email = "data@all.example", unit = "work" }, lab = "lab@all.example" }
  units      = ["work"]
  guardrails = ["leave", "regions"]
  regions    = ["eu-west-1"]
}
