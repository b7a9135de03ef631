variable "context" {
  type = object({
    name   = string
    stage  = string
    region = string
  })
}

variable "network" {
  type = object({
    cidr            = string
    private_newbits = optional(number, 4)
    zones           = list(string)
    nat             = optional(bool, false)
    s3_endpoint     = optional(bool, false)
  })
}

module "network" {
  source = "./network"

  context = var.context
  network = var.network
}

module "service" {
  source = "./service"

  context    = var.context
  vpc_id     = module.network.vpc_id
  subnet_ids = module.network.private_subnet_ids
}
