platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
queue "jobs" { retries = "three" }
