variable "vpc_cidr" {
  type    = string
  default = "10.40.0.0/16"
}

variable "internet" {
  type    = bool
  default = true
}

variable "peering" {
  type    = string
  default = "pcx-0a1b2c3d"
}

variable "subnets" {
  type = map(object({
    cidr   = string
    az     = string
    public = optional(bool, false)
  }))
  default = {
    bond-public-a  = { cidr = "10.40.96.0/24", az = "us-west-2a", public = true }
    bond-private-a = { cidr = "10.40.0.0/20", az = "us-west-2a" }
    bond-private-b = { cidr = "10.40.16.0/20", az = "us-west-2b" }
  }
}
