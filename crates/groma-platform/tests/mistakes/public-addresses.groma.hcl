platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { cidr = "198.18.0.0/16" }
environment "a" { network = network.a }
