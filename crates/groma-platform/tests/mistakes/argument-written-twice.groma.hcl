platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
queue "jobs" {
  retries = 3
  retries = 4
}
