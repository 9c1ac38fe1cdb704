platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "prod" {}
environment "prod" {
  network = network.prod
  zones   = 2
}
