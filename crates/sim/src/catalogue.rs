//! What the shop sells.

/// A product.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Product {
    pub(crate) sku: &'static str,
    pub(crate) name: &'static str,
    pub(crate) price_yen: i64,
}

/// Products of one kind.
pub(crate) struct Category {
    pub(crate) name: &'static str,
    pub(crate) products: &'static [Product],
}

const fn product(sku: &'static str, name: &'static str, price_yen: i64) -> Product {
    Product { sku, name, price_yen }
}

/// All of it.
pub(crate) const CATALOGUE: &[Category] = &[
    Category {
        name: "shoes",
        products: &[
            product("SH-01", "Canvas sneaker / キャンバススニーカー", 6_800),
            product("SH-02", "Trail runner / トレイルランナー", 14_300),
            product("SH-03", "Leather loafer / レザーローファー", 21_000),
            product("SH-04", "Rain boot / レインブーツ", 7_900),
            product("SH-05", "Tabi flat / 足袋フラット", 12_400),
        ],
    },
    Category {
        name: "shirts",
        products: &[
            product("TS-01", "Linen shirt / リネンシャツ", 8_900),
            product("TS-02", "Oxford shirt / オックスフォードシャツ", 7_400),
            product("TS-03", "Striped tee / ボーダーTシャツ", 4_200),
            product("TS-04", "Indigo overshirt / 藍染めオーバーシャツ", 16_500),
        ],
    },
    Category {
        name: "bags",
        products: &[
            product("BG-01", "Market tote / マーケットトート", 3_900),
            product("BG-02", "Day pack / デイパック", 11_800),
            product("BG-03", "Furoshiki set / 風呂敷セット", 4_800),
            product("BG-04", "Weekender / ボストンバッグ", 24_800),
        ],
    },
    Category {
        name: "tea",
        products: &[
            product("TE-01", "Sencha / 煎茶", 1_600),
            product("TE-02", "Matcha set / 抹茶セット", 5_400),
            product("TE-03", "Hojicha / ほうじ茶", 1_300),
            product("TE-04", "Iron kettle / 鉄瓶", 18_600),
        ],
    },
    Category {
        name: "home",
        products: &[
            product("HM-01", "Noren curtain / のれん", 5_900),
            product("HM-02", "Cedar bath stool / 杉の風呂椅子", 7_200),
            product("HM-03", "Arita bowl / 有田焼の鉢", 4_400),
            product("HM-04", "Washi lamp / 和紙ランプ", 13_700),
        ],
    },
    Category {
        name: "outdoor",
        products: &[
            product("OD-01", "Thermos / 保温ボトル", 4_600),
            product("OD-02", "Camp chair / キャンプチェア", 9_800),
            product("OD-03", "Down vest / ダウンベスト", 17_900),
            product("OD-04", "Headlamp / ヘッドランプ", 3_700),
        ],
    },
];
