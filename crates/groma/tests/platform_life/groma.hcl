# A small platform: one service, one database, one queue; an environment in a network of
# its own, and two kinds in a shared one.

platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}

network "shared" {}

environment "prod" {}
environment "staging" {
  network = network.shared
  like    = environment.prod
  size    = 0.5
}
environment "branch" {
  like = environment.staging
  each = "branch"
  ttl  = "1h"
}

image "app" { uri = "public.ecr.aws/docker/library/nginx:1.27" }

service "web" {
  image  = image.app
  host   = "shop.example.com"
  health = "/healthz"
  scale  = { min = 2, max = 8, cpu = 60 }
  uses   = [database.main.write, queue.jobs.send]
}

database "main" {
  engine = "postgres-16"
  size   = "db.t4g.medium"
}
queue "jobs" {}
