platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { cidr = "10.1.0.0/24" }
environment "a" { network = network.a }
