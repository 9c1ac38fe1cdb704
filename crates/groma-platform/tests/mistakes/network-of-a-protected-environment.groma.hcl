platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "prod" {}
environment "prod" {
  network = network.prod
  protect = true
}
environment "dev" { like = environment.prod }
