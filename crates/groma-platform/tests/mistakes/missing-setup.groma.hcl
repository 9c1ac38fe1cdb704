platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
image "app" {
  from  = "al2023-arm64"
  setup = ["images/none.yml"]
}
service "web" {
  image = image.app
}
