platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { cidr = "10.1.2.3/16" }
environment "a" { network = network.a }
