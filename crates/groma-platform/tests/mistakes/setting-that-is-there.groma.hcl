platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
image "app" { from = "ubuntu-24.04-arm64" }
queue "jobs" {}
service "web" {
  image    = image.app
  uses     = [queue.jobs.send]
  settings = { QUEUE_JOBS_URL = "https://example.com" }
}
