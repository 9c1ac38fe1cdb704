platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { cidr = "10.1.0.0/16" }
network "b" { cidr = "10.1.128.0/17" }
environment "a" { network = network.a }
environment "b" { network = network.b }
