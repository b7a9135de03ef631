acl_rules = [
  {
    name      = "out-vpc"
    direction = "egress"
    action    = "allow"
    number    = 90
    cidr      = "10.40.0.0/16"
    from      = 0
    to        = 65535
  },
  {
    name      = "in-vpc"
    direction = "ingress"
    action    = "allow"
    number    = 90
    cidr      = "10.40.0.0/16"
    from      = 0
    to        = 65535
  },
]
