platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { peers = [network.b] }
network "b" { peers = [network.a] }
environment "a" { network = network.a }
