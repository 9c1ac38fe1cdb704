platform "shop" {
  region   = "eu-west-1"
  accounts = { main = "111111111111" }
}
network "a" { peers = [network.b] }
environment "a" { network = network.a }
network "b" { peers = [network.c] }
environment "b" { network = network.b }
network "c" { peers = [network.a] }
environment "c" { network = network.c }
