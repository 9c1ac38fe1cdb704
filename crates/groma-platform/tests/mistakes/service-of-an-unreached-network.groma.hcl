platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" {}
network "b" {}
environment "prod" { network = network.a }
environment "tools" { network = network.b }
image "app" {
  from  = "ubuntu-24.04-arm64"
  setup = ["images/app.yml"]
}
image "api" { build = "containers/api" }
service "web" {
  image = image.app
  uses   = [environment.tools.service.git]
  except = [environment.tools]
}
service "git" {
  image = image.api
  only = [environment.tools]
}
