platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" {}
environment "prod" { network = network.a }
environment "branch" {
  network = network.a
  like    = environment.prod
  each    = "branch"
}
image "app" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/app.yml"]
}
image "api" { build = "containers/api" }
service "web" {
  image = image.app
  uses   = [environment.branch.service.api]
  only = [environment.prod]
}
service "api" {
  image = image.api
}
