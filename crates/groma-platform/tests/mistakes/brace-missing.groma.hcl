platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
image "app" { from = "ubuntu-24.04-arm64" }
service "web" {
  image = image.app
