module "net" {
  source = "../net"
}

provider "aws" {
  region = "us-west-2"
}
