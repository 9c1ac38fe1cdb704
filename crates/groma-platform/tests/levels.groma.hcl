platform "levels" {
  region   = "us-east-1"
  accounts = { main = "111111111111" }
}

network "prod" { zones = 4 }
network "shared" {}

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
environment "branch" {
  network = network.shared
  like    = environment.staging
  each    = "branch" # groma up branch -each=fix-login
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
  uses   = [database.main.write, queue.jobs.send, bucket.uploads.write, secret.app.read]
}
service "worker" {
  image = image.app
  scale = { min = 1, max = 10, backlog = queue.jobs }
  uses  = [database.main.write, queue.jobs.receive, internet.host["api.stripe.com"]]
}
function "thumbnail" {
  code = "functions/thumbnail"
  on   = bucket.uploads.created
  uses = [bucket.uploads.read, bucket.media.write]
}

database "main" {
  engine  = "aurora-mysql-8.0"
  size    = "db.r7g.large"
  readers = 1
}
queue "jobs" {}
bucket "uploads" {}
bucket "media" { cdn = "media.levels.example" }
secret "app" {}

access "engineers" {
  group  = "sso:engineers"
  tunnel = [database.main.read, service.web]
  ttl    = "1h"
}

prove "isolation" {
  never = ["staging -> prod", "branch -> branch.other", "internet -> database.*"]
}
