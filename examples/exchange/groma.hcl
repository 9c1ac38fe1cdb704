# A crypto exchange: accounts for each team, networks that are lent to them, stagings
# that developers bring up themselves.

platform "exchange" {
  region = "eu-west-1"
  accounts = {
    network = "123456789012"
    trading = { id = "210987654321", role = "arn:aws:iam::210987654321:role/groma" }
  }
  tags = { cost-centre = "exchange" }
}

organization "exchange" {
  units      = ["trading", "wallets"]
  accounts   = { wallets = { email = "wallets@exchange.example", unit = "wallets" } }
  guardrails = ["leave", "root-user", "regions", "public-buckets", "cloudtrail"]
  regions    = ["eu-west-1", "us-east-1"]
}

network "prod" {
  accounts  = ["trading"] # lent by RAM, as all networks are
  flow_logs = 90
  firewall  = ["api.chainalysis.example", ".amazonaws.com"]
}
network "staging" {
  accounts = ["trading"]
  firewall = [".amazonaws.com"]
}

environment "prod" {
  network = network.prod
  account = "trading"
  protect = true
}
environment "staging" {
  network = network.staging
  account = "trading"
  like    = environment.prod
  size    = 0.25
  each    = "developer"
  ttl     = "48h"
}

image "matcher" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/matcher.yml"]
}
image "api" { build = "containers/api" }

edge "front" {
  kind = "cloudfront"
  rate = 5000
}

service "api" {
  image  = image.api
  cpu    = 1024
  memory = 2048
  host   = "api.exchange.example"
  edge   = edge.front
  scale  = { min = 3, max = 30, cpu = 55 }
  uses   = [database.orders.write, cache.quotes, stream.trades.produce, secret.jwt, bucket.statements.read]
}
service "matcher" {
  image = image.matcher
  size  = "c7g.2xlarge"
  scale = { min = 2, max = 4 }
  uses  = [database.orders.write, cache.quotes, stream.trades.produce, stream.trades.consume, secret.jwt]
}
service "reports" {
  image = image.api
  scale = { min = 1, max = 4 }
  uses  = [database.orders.read, stream.trades.consume, bucket.statements.write, internet.host["api.chainalysis.example"]]
}
job "settlement" {
  image    = image.api
  schedule = "cron(15 0 * * ? *)"
  command  = ["settle"]
  uses     = [database.orders.write]
}

database "orders" {
  engine  = "aurora-postgresql-16"
  size    = "db.r7g.xlarge"
  readers = 2
}
cache "quotes" { replicas = 2 }
stream "trades" {}
bucket "statements" {}
secret "jwt" {}

access "developers" {
  group  = "sso:developers"
  tunnel = [database.orders.read, cache.quotes]
}
alarm "trading" { emails = ["desk@exchange.example"] }
prove "policies" { never = ["staging -> prod", "staging -> staging.other", "internet -> database.*", "internet -> stream.*"] }
prove "edges" { exactly = true } # nothing reaches anything but what is declared here
