platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
queue "jobs" { visibility = 180 }
function "thumbnail" {
  code     = "functions/thumbnail"
  on       = [queue.jobs]
  settings = { AWS_REGION = "eu-west-1" }
}
