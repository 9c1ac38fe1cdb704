platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
image "app" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/app.yml"]
}
image "api" { build = "containers/api" }
service "web" {
  image = image.app
  instance_type = "t4g.small"
}
service "api" {
  image = image.api
}
