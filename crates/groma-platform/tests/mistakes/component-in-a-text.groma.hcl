platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
queue "jobs" {}
secret "app" { description = "for ${queue.jobs.url}" }
role "r" {
  trusted = ["github:a/b"]
  uses = [secret.app]
}
