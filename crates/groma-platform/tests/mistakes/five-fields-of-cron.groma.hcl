platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
image "box" { uri = "docker.io/library/nginx:1.27" }
job "report" {
  image    = image.box
  schedule = "cron(0 6 * * *)"
}
