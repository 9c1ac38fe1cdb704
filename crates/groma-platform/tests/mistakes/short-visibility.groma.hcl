platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
queue "jobs" { visibility = 10 }
function "work" {
  code = "functions/thumbnail"
  on   = queue.jobs
}
