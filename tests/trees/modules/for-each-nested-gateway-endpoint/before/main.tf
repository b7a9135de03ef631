terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

provider "aws" {
  region = "us-west-2"
}

variable "stacks" {
  type = map(object({
    cidr    = string
    nat     = optional(bool, false)
    private = optional(bool, true)
  }))
}

module "stack" {
  source   = "./modules/stack"
  for_each = var.stacks

  name   = each.key
  config = each.value
}
