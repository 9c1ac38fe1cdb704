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
  scale = { min = 4, max = 2 }
}
service "api" {
  image = image.api
}
