# A social network with payments: production on its own, everything else together.

platform "levels" {
  region   = "us-east-1" # four zones: Ireland has three
  accounts = { main = "123456789012" }
}

network "prod" { zones = 4 }
network "shared" {
  share = [database.main, load_balancer] # one Aurora and one balancer for all of it
}

environment "prod" {
  network = network.prod
  protect = true
}
environment "staging" {
  network = network.shared
  like    = environment.prod
  size    = 0.25
  park    = "Mon-Fri 20:00-07:00, Sat-Sun"
}
environment "qa" {
  network = network.shared
  like    = environment.staging
}
environment "branch" {
  network = network.shared
  like    = environment.staging
  each    = "branch" # groma up -each=fix-login branch
  ttl     = "72h"
}

image "app" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/app.yml"]
}

service "web" {
  image  = image.app
  host   = "app.levels.example"
  health = "/healthz"
  scale  = { min = 2, max = 8, cpu = 60 }
  uses = [
    database.main.write, queue.jobs.send, bucket.uploads.write, bucket.produced.write,
    bucket.config.read, secret.app, secret.payments, internet.host["api.stripe.com"],
  ]
}
service "worker" {
  image = image.app
  scale = { min = 1, max = 10, backlog = queue.jobs }
  uses = [
    database.main.write, queue.jobs.receive, bucket.produced.write, bucket.config.read,
    secret.app, internet.host["api.stripe.com"],
  ]
}
function "thumbnail" {
  code = "functions/thumbnail"
  on   = bucket.uploads.created
  uses = [bucket.uploads.read, bucket.produced.write]
}

database "main" {
  engine      = "aurora-mysql-8.0"
  size        = "db.r7g.large"
  readers     = 1
  backup_days = 14
}
queue "jobs" { visibility = 300 }

bucket "uploads" { copy = bucket.backup } # what users send, and a copy of each original
bucket "backup" { expire_days = 365 }
bucket "produced" { cdn = "media.levels.example" }
bucket "web" { cdn = "www.levels.example" }
bucket "config" {}
bucket "bundles" {}
secret "app" {}
secret "payments" { description = "The key of the payment service" }

role "deployer" {
  trusted = ["github:levels/app"]
  uses    = [bucket.bundles.write, bucket.web.write]
  may     = ["deploy"]
}
access "engineers" {
  group  = "sso:engineers"
  tunnel = [database.main.read, service.web]
  allow  = ["203.0.113.0/24"]
  ttl    = "1h"
}
alarm "team" { emails = ["ops@levels.example"] }

prove "isolation" {
  never = ["staging -> prod", "qa -> prod", "branch -> prod", "branch -> branch.other", "internet -> database.*"]
}
prove "edges" { exactly = true } # nothing reaches anything but what is declared here
