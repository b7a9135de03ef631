variable "name" {
  type = string
}

variable "private_ranges" {
  type = list(string)
}

variable "public_ranges" {
  type    = list(string)
  default = []
}

module "net" {
  source = "../net"

  name           = var.name
  private_ranges = var.private_ranges
  public_ranges  = var.public_ranges
}

output "vpc_id" {
  value = module.net.vpc_id
}

output "private_subnet_ids" {
  value = module.net.private_subnet_ids
}
