platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
image "app" { from = "ubuntu-24.04" }
service "web" {
  image = image.app
}
