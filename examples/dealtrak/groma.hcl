# A finance platform that moved from bare metal to containers: one image for dev, UAT
# and live, UAT environments on demand, a tunnel to the old site.

platform "dealtrak" {
  region    = "eu-west-2"
  accounts  = { main = "123456789012" }
  time_zone = "Europe/London"
}

network "live" { zones = 3 }
network "test" { zones = 2 }

environment "live" {
  network = network.live
  protect = true
}
environment "dev" {
  network = network.test
  like    = environment.live
  size    = 0.25
  park    = "Mon-Fri 19:00-07:00, Sat-Sun"
}
environment "uat" {
  network = network.test
  like    = environment.dev
  each    = "deal"
  ttl     = "14d"
}

image "app" { build = "containers/app" }

service "app" {
  image  = image.app
  cpu    = 512
  memory = 1024
  host   = "portal.dealtrak.example"
  health = "/health"
  scale  = { min = 3, max = 12, cpu = 60 }
  uses = [
    database.deals.write, cache.sessions, queue.proposals.send, bucket.documents.write,
    mail.out.send, secret.app,
  ]
}
service "lender" {
  image  = image.app
  run    = "containers" # on instances: it needs more memory than Fargate is worth
  cpu    = 1024
  memory = 3072
  scale  = { min = 2, max = 8, backlog = queue.proposals }
  uses   = [database.deals.write, queue.proposals.receive, bucket.documents.read, internet]
}
job "nightly" {
  image    = image.app
  schedule = "cron(30 2 * * ? *)"
  command  = ["bin/nightly"]
  uses     = [database.deals.write, bucket.documents.write]
}

database "deals" {
  engine  = "aurora-mysql-8.0"
  size    = "db.r7g.large"
  readers = 1
}
cache "sessions" {
  shards   = 2
  replicas = 1
}
queue "proposals" {}
bucket "documents" {}
secret "app" {}
mail "out" { domain = "dealtrak.example" }

vpn "datacentre" {
  only    = [environment.live]
  peer    = "203.0.113.80"
  cidrs   = ["172.20.0.0/16"]
  reaches = [database.deals.write] # the old MySQL replicates into Aurora
}
access "support" {
  group  = "sso:support"
  tunnel = [database.deals.read, cache.sessions]
  ttl    = "2h"
}
alarm "support" { emails = ["support@dealtrak.example"] }
prove "tiers" { never = ["uat -> live", "dev -> live", "internet -> database.*", "internet -> cache.*"] }
prove "edges" { exactly = true } # nothing reaches anything but what is declared here
