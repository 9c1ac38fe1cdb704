platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111", dev = "222222222222" }
}
network "a" {}
environment "dev" {
  network = network.a
  account = "dev"
}
