platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
environment "dev" {
  queue "jobs" { retries = 2 }
}
queue "jobs" { only = [environment.prod] }
