platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
environment "prod" {}
image "app" {
  build = "containers/api"
  setup = ["images/app.yml"]
}
service "web" {
  image = image.app
}
