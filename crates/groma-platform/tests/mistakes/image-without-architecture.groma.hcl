platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
image "app" { from = "ami-0123456789abcdef0" }
service "web" {
  image = image.app
}
