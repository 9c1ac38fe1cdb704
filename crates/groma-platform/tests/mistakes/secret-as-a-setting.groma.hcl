platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "123456789012" }
}
environment "prod" {}
image "app" { from = "ubuntu-24.04-arm64" }
secret "key" {}
service "web" {
  image    = image.app
  uses     = [secret.key]
  settings = { KEY = secret.key }
}
